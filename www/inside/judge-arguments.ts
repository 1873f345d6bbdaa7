/** What is to be said of arguments that were written without the grammar, beside those that were written under it. */
import type { JsonSchema } from "toolgen";
import { problemIn } from "../../pkg/check-arguments.ts";
import { readJson, type Span } from "./json.ts";

export interface Judgement {
  /** `other`: the page could carry it out, but it isn't the call under the grammar. */
  kind: "same" | "other" | "schema" | "broken" | "endless";
  /** What is wrong, in the schema's words. */
  problem?: string;
  /** Where it is wrong. */
  at?: Span;
}

export interface Beside {
  /** What was written under the grammar. */
  held: string;
  schema: JsonSchema;
  /** The model came to an end by itself, and was not cut off. */
  ended: boolean;
}

export function judge(free: string, { held, schema, ended }: Beside): Judgement {
  const read = readJson(free);
  if ("brokenAt" in read) {
    const isCutOff = !ended && read.brokenAt >= free.length;
    return { kind: isCutOff ? "endless" : "broken", at: [Math.min(read.brokenAt, free.length), free.length] };
  }
  const { value, places, end } = read;
  if (free.slice(end).trim() !== "") return { kind: ended ? "broken" : "endless", at: [end, free.length] };
  const under = readJson(held);
  if ("value" in under && JSON.stringify(said(under.value)) === JSON.stringify(said(value))) return { kind: "same" };
  const problem = problemIn(schema, said(value));
  return problem === undefined ? { kind: "other" } : { kind: "schema", problem, at: placeOf(problem, places) };
}

/** A value in one order, without what was not said: the model writes `null` there, which is never sent. */
function said(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== null);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, said(inner)]));
}

/** A problem begins with the path of what has it, if that is there. */
function placeOf(problem: string, places: ReadonlyMap<string, Span>): Span | undefined {
  const paths = [...places.keys()].filter((path) => path !== "" && problem.startsWith(`${path} `));
  const path = paths.sort((a, b) => b.length - a.length)[0];
  return path === undefined ? undefined : places.get(path);
}
