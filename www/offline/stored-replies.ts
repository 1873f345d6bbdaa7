/** Replies that stand for a service where there is no network. They are examples, and wherever one is shown it says so. */
import type { ToolCall } from "toolgen";
import replies from "./replies.json" with { type: "json" };

interface StoredReply {
  tool: string;
  arguments: Record<string, unknown>;
  body: unknown;
}

const stored: readonly StoredReply[] = replies;

/** The body for this very call: another city has another weather. */
export function storedReply({ name, arguments: args }: ToolCall): unknown {
  const isSame = (reply: StoredReply) => reply.tool === name && plain(reply.arguments) === plain(args);
  return stored.find(isSame)?.body;
}

/** Whether there is one for an example of this tool. */
export function hasStoredReply(tool: string): boolean {
  return stored.some((reply) => reply.tool === tool);
}

/** Capitals make no other question. */
function plain(args: Record<string, unknown>): string {
  const entries = Object.entries(args).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(entries).toLowerCase();
}
