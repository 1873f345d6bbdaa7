/** What is to be said of arguments that were written without the grammar, beside those that were written under it. */
import type { JsonSchema } from "toolgen";
import { problemIn } from "../../pkg/check-arguments.ts";
import { readJson, type Span } from "./json.ts";

export interface Judgement {
  /** `other`: they fit the schema, but aren't those under the grammar. `unfinished`: they were JSON so far. */
  kind: "same" | "other" | "schema" | "broken" | "unfinished";
  /** What is wrong, in the schema's words. */
  problem?: string;
  /** Something follows the arguments. */
  goesOn: boolean;
  /** The places that are wrong, in their order. */
  marks: Span[];
}

export interface Beside {
  /** What was written under the grammar. */
  held: string;
  schema: JsonSchema;
  /** The model came to an end by itself, and was not cut off. */
  ended: boolean;
}

export function judge(free: string, { held, schema, ended }: Beside): Judgement {
  const whole = free.length;
  const start = whole - free.trimStart().length;
  if (free[start] !== "{") return { kind: "broken", goesOn: false, marks: [[start, whole]] };
  const read = readJson(free);
  if ("brokenAt" in read) {
    const isCutOff = !ended && read.brokenAt === whole;
    return { kind: isCutOff ? "unfinished" : "broken", goesOn: false, marks: [[read.brokenAt, whole]] };
  }
  const { value, places, end } = read;
  const goesOn = free.slice(end).trim() !== "";
  const after: Span[] = goesOn ? [[end, whole]] : [];
  const under = readJson(held);
  if ("value" in under && JSON.stringify(said(under.value)) === JSON.stringify(said(value)))
    return { kind: "same", goesOn, marks: after };
  const problem = problemIn(schema, said(value));
  if (problem === undefined) return { kind: "other", goesOn, marks: after };
  return { kind: "schema", problem, goesOn, marks: [...placeOf(problem, places), ...after] };
}

/** A value in one order, without what was not said: the model writes `null` there, which is never sent. */
function said(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== null);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, said(inner)]));
}

/** A problem begins with the path of what has it, if that is there. */
function placeOf(problem: string, places: ReadonlyMap<string, Span>): Span[] {
  const paths = [...places.keys()].filter((path) => path !== "" && problem.startsWith(`${path} `));
  const path = paths.sort((a, b) => b.length - a.length)[0];
  return path === undefined ? [] : [places.get(path)!];
}
