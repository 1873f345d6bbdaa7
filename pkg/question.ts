/** A question with what it is understood from: the clock, and the turns before it. */
import { ToolgenError } from "./core/errors.js";
import { attempt, list } from "./util/options.js";
import type { ToolCall } from "./core/types.js";
import { summarise, type Observation } from "./observation/summarise.js";
import type { Asked } from "./protocol.js";

/** A question that was asked before, for "and in Bergen?" or an answer to what was missing. */
export interface Turn {
  query: string;
  /** What it led to, also where an argument was missing. A turn without a call is left out. */
  call: ToolCall | null;
  /** What the call gave: all of it, or in short. A run reads only that it gave something. */
  observation?: Observation | string;
}

export interface QuestionOptions {
  /**
   * The moment that "tomorrow at noon" is counted from, in the page's time zone; by default the page's clock at the
   * moment of the call. Times of the formats `date-time` and `time` get the zone's offset. null: there is no clock, and
   * only dates and times that the question says in full are known.
   */
  now?: Date | null;
  /** The turns before this question, the oldest first; the last few are read. */
  before?: readonly Turn[];
}

/** More turns than any prompt has room for. */
const MOST_TURNS = 100;
/** Some seven thousand years; around the last moments that a Date can hold there are none to count on. */
const MOST_MS = 2.3e14;
/** In minutes, as all times here: two years before and after now, in which the zone's changes are looked for. */
const SPAN = 105 * 10_080;
/** Some days, of which two changes never lie in one. */
const STEP = 2 ** 13;

/** What the model reads of a question and its options. */
export function asked(text: string, { now = new Date(), before = [] }: QuestionOptions): Asked {
  if (now !== null && !(now instanceof Date && Math.abs(+now) < MOST_MS))
    throw new ToolgenError("bad_argument", "now must be a Date that is a moment near ours, or null.");
  const turns = list("before", before).slice(-MOST_TURNS);
  return attempt("The turns before", () => ({
    text,
    ...(now && clock(Math.floor(+now / 60_000))),
    before: turns.flatMap(({ query, call, observation }) => {
      const gave = typeof observation === "object" && observation ? summarise(observation) : observation;
      return call ? { text: query, call, observation: gave } : [];
    }),
  }));
}

/** Local time, and the zone's offsets around it. Times that a change skips or repeats have the offset before it. */
function clock(now: number): Pick<Asked, "now" | "offsets"> {
  let time = now - SPAN;
  let offset = offsetAt(time);
  const offsets = [entry(time + offset, offset)];
  for (let step = STEP; time < now + SPAN; ) {
    const next = offsetAt(time + step);
    if (next === offset) time += step;
    else if (step > 1) step /= 2;
    else {
      offsets.push(entry(time + step + Math.max(offset, next), next));
      offset = next;
      step = STEP;
    }
  }
  return { now: local(now + offsetAt(now)), offsets: [...offsets, entry(time + offset, offset)] };
}

/** How far the page's zone is ahead of UTC. */
function offsetAt(time: number): number {
  return -Math.round(new Date(time * 60_000).getTimezoneOffset());
}

/** `2026-05-14T09:30`; something that is no time where there is none. */
function local(time: number): string {
  return `${new Date(time * 60_000).toJSON()}`.slice(0, 16);
}

/** From a local time on, an offset as RFC 3339 writes it. */
function entry(from: number, offset: number): [string, string] {
  return [local(from), (offset < 0 ? "-" : "+") + local(Math.abs(offset)).slice(11)];
}
