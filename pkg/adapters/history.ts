/** The messages of a chat as a question with the turns that it may be understood from. */
import type { RankedTool, ToolCall } from "../core/types.js";
import type { Turn } from "../question.js";
import { isRecord } from "../util/is-record.js";

/** What a message says, in any interface. */
export interface Said {
  role: "user" | "assistant" | "tool";
  text: string;
  /** Of an assistant: the calls that it made. */
  calls?: { id: unknown; name: unknown; arguments: unknown }[];
  /** Of a tool: the call that the text answers. */
  id?: unknown;
}

/** What the last message asks. */
export interface ChatQuestion {
  query: string;
  /** A turn for each user's message that led to a call, or to our asking for what it lacked; the oldest first. */
  turns: Turn[];
  /** Whether it answers what was asked for. */
  isAnswer: boolean;
  /** It chose this tool, of those that the question before may have meant; null for none. */
  chosen?: string | null;
}

/** A call that was carried out, and what it gave. */
export interface Done {
  call: ToolCall;
  text: string;
}

const MISSING = "this is missing:";
const DOUBT = "Not sure which tool is meant:";
/** As many as a run lets a person choose from. */
const MAX_CANDIDATES = 3;

/** What is said where a question leaves required arguments open. */
export function askFor({ name }: ToolCall, parameters: readonly string[]): string {
  return `To call ${name}, ${MISSING} ${parameters.join(", ")}.`;
}

/** What is said where the model is not sure of a tool. */
export function askWhich(ranking: readonly RankedTool[]): string {
  const names = ranking.slice(0, MAX_CANDIDATES).map(({ name }) => name);
  return `${DOUBT} ${names.join(", ")}, or none.`;
}

/** The last message is a user's. */
export function questionOf(messages: readonly Said[]): ChatQuestion {
  const turns: (Turn & { id?: unknown })[] = [];
  let query: string | undefined;
  let chosen: string | null | undefined;
  let isAnswer = false;
  let hasAsked = false;
  let doubt: { query: string; names: string[] } | undefined;
  for (const { role, text, calls = [], id } of messages) {
    if (role === "user") {
      chosen = doubt && choiceIn(text, doubt.names);
      query = doubt && chosen !== undefined ? doubt.query : text;
      isAnswer = hasAsked;
      hasAsked = false;
      doubt = undefined;
    } else if (role === "tool") {
      const turn = turns.findLast((turn) => turn.id === id);
      if (turn) turn.observation = text;
    } else if (query !== undefined) {
      const [first] = calls;
      const [, asked] = /^To call (\S+), (.*)/s.exec(text) ?? [];
      if (typeof first?.name === "string") {
        turns.push({ id: first.id, query, call: { name: first.name, arguments: argumentsOf(first.arguments) } });
      } else if (asked && text.includes(MISSING)) {
        turns.push({ query, call: { name: asked, arguments: {} } });
        hasAsked = true;
      } else {
        if (text.startsWith(DOUBT)) doubt = { query, names: namesIn(text) };
        continue;
      }
      query = undefined;
    }
  }
  return { query: query ?? "", turns: turns.map(({ id: _, ...turn }) => turn), isAnswer, chosen };
}

/** The last user's message and the calls that it has led to; undefined where one, or its result, can't be read. */
export function doneOf(messages: readonly Said[]): (ChatQuestion & { done: Done[] }) | undefined {
  const asked = messages.findLastIndex(({ role }) => role === "user");
  if (asked < 0) return undefined;
  const after = messages.slice(asked + 1);
  const done: Done[] = [];
  const results = after.filter(({ role }) => role === "tool");
  for (const { id, name, arguments: args } of after.flatMap(({ calls = [] }) => calls)) {
    // Of calls with one id each has a result of its own.
    const place = results.findIndex((message) => message.id === id);
    const [result] = place < 0 ? [] : results.splice(place, 1);
    if (!result || typeof name !== "string") return undefined;
    done.push({ call: { name, arguments: argumentsOf(args) }, text: result.text });
  }
  return { ...questionOf(messages.slice(0, asked + 1)), done };
}

function namesIn(doubt: string): string[] {
  return doubt
    .slice(DOUBT.length, doubt.lastIndexOf(", or none"))
    .split(",")
    .map((name) => name.trim());
}

/** The one name that an answer has, in its words too; null for none of them; undefined where it says something else. */
function choiceIn(text: string, names: readonly string[]): string | null | undefined {
  const plain = (text: string) =>
    ` ${text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
      .trim()} `;
  const said = plain(text);
  const found = names.filter((name) => said.includes(plain(name)));
  // `time` is in `time zone`.
  const whole = found.filter((name) => !found.some((other) => other !== name && plain(other).includes(plain(name))));
  if (whole.length === 1) return whole[0]!;
  return / (none|neither) /.test(said) ? null : undefined;
}

function argumentsOf(given: unknown): Record<string, unknown> {
  try {
    const value: unknown = typeof given === "string" ? JSON.parse(given) : given;
    return isRecord(value) ? value : {};
  } catch {
    return {}; // of another model
  }
}
