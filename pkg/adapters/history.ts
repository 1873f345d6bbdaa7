/** Earlier messages of a chat as the turns that a question is understood from. */
import type { ToolCall } from "../core/types.js";
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

const MISSING = "this is missing:";

/** What is said where a question leaves required arguments open. */
export function askFor({ name }: ToolCall, parameters: readonly string[]): string {
  return `To call ${name}, ${MISSING} ${parameters.join(", ")}.`;
}

/** A turn for each user's message that led to a call, or to our asking for what it lacked; the oldest first. */
export function turnsOf(messages: readonly Said[]): Turn[] {
  const turns: (Turn & { id?: unknown })[] = [];
  let query: string | undefined;
  for (const { role, text, calls = [], id } of messages) {
    if (role === "user") query = text;
    else if (role === "tool") {
      const turn = turns.findLast((turn) => turn.id === id);
      if (turn) turn.observation = text;
    } else if (query !== undefined) {
      const [first] = calls;
      const [, asked] = /^To call (\S+), (.*)/s.exec(text) ?? [];
      if (typeof first?.name === "string")
        turns.push({ id: first.id, query, call: { name: first.name, arguments: argumentsOf(first.arguments) } });
      else if (asked && text.includes(MISSING)) turns.push({ query, call: { name: asked, arguments: {} } });
      else continue;
      query = undefined;
    }
  }
  return turns.map(({ id: _, ...turn }) => turn);
}

function argumentsOf(given: unknown): Record<string, unknown> {
  try {
    const value: unknown = typeof given === "string" ? JSON.parse(given) : given;
    return isRecord(value) ? value : {};
  } catch {
    return {}; // of another model
  }
}
