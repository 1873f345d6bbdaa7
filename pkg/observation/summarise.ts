/** What a tool gave back, and its text for the model. */
import { read } from "../util/options.js";
import type { JsonSchema } from "../core/types.js";
import { isRecord } from "../util/is-record.js";
import { JsonWriter, type Trim } from "./json-writer.js";

export interface Observation {
  /** Labels and values to show. */
  result: Record<string, unknown>;
  /** The function's return value, or the body of the HTTP response. */
  body: unknown;
  status?: number;
  url?: string;
  /** Labels of the tool without a value in this response. */
  missing?: string[];
}

export interface SummaryOptions {
  /** The maximum length of the text in UTF-16 code units, from 2 to 2^20; 1,000 by default. */
  maxChars?: number;
  /** The schema of the body: required properties come first, then its other properties. */
  schema?: JsonSchema;
  /** Whether the room that the labels leave goes to the body; true by default. */
  body?: boolean;
}

/** From the whole to hardly anything: long strings give way first, then long arrays, then depth. */
const TRIMS: Trim[] = [
  { characters: Infinity, items: Infinity, keys: Infinity, depth: 32 },
  { characters: 300, items: 20, keys: 40, depth: 8 },
  { characters: 150, items: 10, keys: 30, depth: 6 },
  { characters: 100, items: 5, keys: 20, depth: 5 },
  { characters: 60, items: 3, keys: 16, depth: 4 },
  { characters: 40, items: 2, keys: 10, depth: 3 },
  { characters: 24, items: 2, keys: 6, depth: 2 },
  { characters: 16, items: 1, keys: 4, depth: 2 },
  { characters: 10, items: 1, keys: 2, depth: 1 },
  { characters: 6, items: 0, keys: 1, depth: 1 },
];
const MIN_CHARS = 2;
/** Values that share their parts can have a text of any length. */
const MAX_CHARS = 2 ** 20;
/** Less room than this says nothing about a body. */
const MIN_BODY_CHARS = 24;

/**
 * An observation as JSON of at most `maxChars`, the same for the same input: the tool's labels with
 * their values, and under `body` as much of the response as there is room for; without labels, the
 * response alone. What is left out is marked by "…" and counted. Whatever the value (cyclic, huge, with
 * accessors that throw), the result is valid JSON and nothing is thrown but for an observation that is no object. Control characters and markers
 * of chat templates are neutralised in its text.
 */
export function summarise(observation: Observation, given?: SummaryOptions): string {
  const { result, body, status } = read(observation);
  const options = read(given);
  const schema = isRecord(options.schema) ? options.schema : undefined;
  const wanted = typeof options.maxChars === "number" ? options.maxChars : 1000;
  const maxChars = Math.min(MAX_CHARS, Math.max(MIN_CHARS, Math.floor(wanted) || 0));
  const labels = isEmpty(result) ? undefined : (fit(result, maxChars, body === result ? schema : undefined) ?? "{}");
  if (labels === undefined) {
    const whole = body === undefined || body === null ? { status } : body;
    return fit(whole, maxChars, schema) ?? "{}";
  }
  const said = body === result || body === undefined || body === null || covers(result, body);
  if (options.body === false || said) return labels;
  const head = `${labels.slice(0, -1)}${labels === "{}" ? "" : ","}"body":`;
  const room = maxChars - head.length - 1;
  const rest = room < MIN_BODY_CHARS ? undefined : fit(body, room, schema);
  return rest === undefined ? labels : `${head}${rest}}`;
}

/** The text with the mildest trim that fits, and with strings as long as they can then be. */
function fit(value: unknown, maxChars: number, schema?: JsonSchema): string | undefined {
  const keys = new WeakMap<object, string[]>();
  for (const trim of TRIMS) {
    const characters = Math.min(trim.characters, maxChars);
    let best = write(characters);
    if (best === undefined) continue;
    for (let low = characters, high = maxChars; high - low > 1; ) {
      const middle = Math.floor((low + high) / 2);
      const text = write(middle);
      if (text === undefined) high = middle;
      else [low, best] = [middle, text];
    }
    return best;

    function write(characters: number): string | undefined {
      return new JsonWriter({ ...trim, characters }, maxChars, keys).write(value, schema);
    }
  }
  return undefined;
}

/** Whether a label stands for the whole body, or there is another that is called like it. */
function covers(result: Record<string, unknown>, body: unknown): boolean {
  try {
    return Object.hasOwn(result, "body") || Object.values(result).includes(body);
  } catch {
    return true;
  }
}

function isEmpty(result: Record<string, unknown>): boolean {
  try {
    return typeof result !== "object" || Object.keys(result).length === 0;
  } catch {
    return true;
  }
}
