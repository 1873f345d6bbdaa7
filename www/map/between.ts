/**
 * What the model would choose between two questions. A tool's score is the product of its row and the question's state, so on a
 * straight way from one state to the other each score changes evenly, and logarithms of probabilities do up to what all have in
 * common. That makes what follows exact, without the states themselves.
 */
import type { RankedTool } from "toolgen";

/** All tools by their probability, and that none fits. */
export interface Ranking {
  tools: readonly RankedTool[];
  none: number;
}

/** `name` is undefined where no tool fits. */
export interface Choice {
  name: string | undefined;
  /** From this part of the way on, 0 to 1. */
  from: number;
}

/** Less is told of no tool; it has a logarithm. */
const LEAST = 1e-30;

/** A logarithm at either end, for each tool and at last for none. */
interface Way {
  names: (string | undefined)[];
  first: number[];
  second: number[];
}

function wayBetween(first: Ranking, second: Ranking): Way {
  const names = [...first.tools.map(({ name }) => name), undefined];
  const log = (probability = 0) => Math.log(Math.max(LEAST, probability));
  const logsOf = ({ tools, none }: Ranking) => {
    const known = new Map(tools.map(({ name, probability }) => [name, probability]));
    return names.map((name) => log(name === undefined ? none : known.get(name)));
  };
  return { names, first: logsOf(first), second: logsOf(second) };
}

/** What is chosen on the way, in order: the highest of lines that cross. */
export function choicesBetween(a: Ranking, b: Ranking): Choice[] {
  const { names, first, second } = wayBetween(a, b);
  const rise = (i: number) => second[i]! - first[i]!;
  const isAhead = (i: number, j: number) => first[i]! > first[j]! || (first[i] === first[j] && rise(i) > rise(j));
  let chosen = names.reduce((best, _, i) => (isAhead(i, best) ? i : best), 0);
  const choices: Choice[] = [{ name: names[chosen], from: 0 }];
  for (;;) {
    let next: { index: number; at: number } | undefined;
    for (const index of names.keys()) {
      if (rise(index) <= rise(chosen)) continue;
      const at = (first[chosen]! - first[index]!) / (rise(index) - rise(chosen));
      if (!next || at < next.at || (at === next.at && rise(index) > rise(next.index))) next = { index, at };
    }
    if (!next || next.at >= 1) return choices;
    choices.push({ name: names[next.index], from: next.at });
    chosen = next.index;
  }
}

/** The ranking on a part of the way, 0 to 1. */
export function rankingAt(part: number, a: Ranking, b: Ranking): Ranking {
  const { names, first, second } = wayBetween(a, b);
  const logs = names.map((_, i) => (1 - part) * first[i]! + part * second[i]!);
  const most = Math.max(...logs);
  const weights = logs.map((log) => Math.exp(log - most));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const tools = a.tools.map(({ name }, i) => ({ name, probability: weights[i]! / total }));
  return { tools, none: weights.at(-1)! / total };
}
