/** What requests must be made of: the worker checks it before the module sees anything, whatever the page's types say. */
import { ToolgenError } from "./core/errors.js";
import type { Request } from "./protocol.js";
import { isRecord } from "./util/is-record.js";

/** A value's form in words, and whether a value has it. */
type Form = readonly [words: string, holds: (value: any) => boolean];

/** A question of some 2,000 characters can be read; far longer ones would only keep the worker busy. */
const MAX_TEXT = 2 ** 20;
const MAX_QUESTION = 2 ** 16;
const MAX_COUNT = 2 ** 16;

const isText = (value: unknown) => typeof value === "string";
const text: Form = [`a text of at most ${MAX_TEXT} characters`, (value) => isText(value) && value.length <= MAX_TEXT];
const whole: Form = ["a text", isText];
const names: Form = ["an array of texts", (value) => Array.isArray(value) && value.every(isText)];
const record: Form = ["an object", isRecord];
const records: Form = ["an array of objects", (value) => Array.isArray(value) && value.every(isRecord)];
const count: Form = [
  `a whole number from 1 to ${MAX_COUNT}`,
  (value) => Number.isInteger(value) && value > 0 && value <= MAX_COUNT,
];
const number: Form = ["a number", Number.isFinite];
const query = (value: unknown) => typeof value === "string" && value.length <= MAX_QUESTION;
const isTurn = (turn: any) =>
  isText(turn?.text) &&
  isText(turn.call?.name) &&
  isRecord(turn.call.arguments) &&
  ["string", "undefined"].includes(typeof turn.observation);
const question: Form = [
  `a text of at most ${MAX_QUESTION} characters, and turns with a call`,
  (value) => query(value?.text) && (value.before === undefined || value.before.every?.(isTurn)),
];
const examples: Form = [
  "an array of { query, tool } with texts, or null as the tool",
  (value) =>
    Array.isArray(value) &&
    value.every((it) => isRecord(it) && query(it.query) && (it.tool === null || isText(it.tool))),
];
const flag: Form = ["true or false", (value) => typeof value === "boolean"];
const file: Form = ["a URL or bytes", (value) => isText(value) || value instanceof Uint8Array];

const oneOf = (...values: string[]): Form => [`one of ${values.join(", ")}`, (value) => values.includes(value)];
const optional = ([words, holds]: Form): Form => [words, (value) => value === undefined || holds(value)];

const FORMS: { [T in Request["type"]]: { [K in Exclude<keyof Extract<Request, { type: T }>, "type">]-?: Form } } = {
  load: {
    checkpoint: whole,
    shards: optional(record),
    adapter: optional(file),
    pack: optional(file),
    wasm: optional(whole),
    device: optional(oneOf("auto", "webgpu", "cpu")),
    cache: optional(oneOf("prefer", "reload", "none")),
    stallMs: optional(["a number above 0", (value) => value > 0]),
    threads: optional(count),
    whyOneThread: optional(text),
  },
  memory: {},
  device: {},
  register: { tools: records, conflictsFrom: number },
  unregister: { names },
  conflicts: { from: number },
  teach: { examples },
  export: {},
  openapi: { document: whole, baseUrl: optional(whole), fixed: optional(record) },
  retrieve: { query: question, topK: count },
  call: {
    query: question,
    topK: count,
    tools: optional(names),
    required: optional(flag),
    explain: optional(flag),
  },
  run: {
    query: question,
    topK: count,
    maxSteps: count,
    tools: optional(names),
    unsure: optional(oneOf("ask", "call", "end")),
    explain: optional(flag),
  },
  complete: { prompt: text, maxTokens: count },
  completeArguments: { query: question, tool: whole, maxTokens: count },
};

/** Throws `bad_argument`, naming what is wrong. */
export function checkRequest(request: { type?: unknown }): void {
  const { type } = request;
  if (typeof type !== "string" || !Object.hasOwn(FORMS, type)) throw bad(`There is no request ${shown(type)}`);
  const fields: Record<string, Form> = FORMS[type as Request["type"]];
  for (const [name, [words, holds]] of Object.entries(fields)) {
    const value = (request as Record<string, unknown>)[name];
    if (!holds(value)) throw bad(`${name} must be ${words}, not ${shown(name === "query" ? textIn(value) : value)}`);
  }
}

function textIn(query: unknown): unknown {
  return isRecord(query) ? query.text : query;
}

/** A value in a few characters. */
function shown(value: unknown): string {
  if (typeof value === "string") return value.length > 40 ? `one of ${value.length} characters` : JSON.stringify(value);
  if (Array.isArray(value)) return "an array with others";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

function bad(message: string): ToolgenError {
  return new ToolgenError("bad_argument", `${message}.`);
}
