/** What is wrong with a document or a server of the visitor's, where it is, and what can be done. */
import { ToolgenError, type Problem } from "toolgen";
import type { Explained } from "../words/errors.ts";
import { UnreadableDocument } from "./read.ts";

export function explainOwn(error: unknown): Explained {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof UnreadableDocument) return { text: message, code: "unreadable", message };
  const code = error instanceof ToolgenError ? error.code : "unexpected";
  return { text: textOf(code, message, error), code, message };
}

function textOf(code: string, message: string, error: unknown): string {
  switch (code) {
    case "openapi":
      return `The OpenAPI document can't be read: ${message} Mend it there, and read it again.`;
    case "bad_tool":
    case "bad_argument":
      return `${message} Mend it there, and read it again.`;
    case "network_or_cors":
      return (
        "That server can't be reached from this page. Is it running, and is the address right? It also has to allow this " +
        `page, ${globalThis.location?.origin ?? "its origin"}, by CORS, and to expose the header Mcp-Session-Id.`
      );
    case "http_status": {
      const { status } = error as ToolgenError;
      if (status === 401 || status === 403)
        return "That server wants a key, which this page doesn't ask for. Try one without.";
      return `That address answers, but not as an MCP server does (HTTP ${status}). Many have it at /mcp.`;
    }
    case "timeout":
      return "That server takes too long to answer. Try again later.";
    case "mcp":
      return `That server doesn't keep to the protocol: ${message}`;
    case "question_too_long":
      return "That sentence is too long. A short one is best.";
    case "question_empty":
      return "Type a sentence first.";
    case "crashed":
    case "disposed":
    case "device_lost":
      return "The model stopped. Load the page again.";
    default:
      return "Something went wrong in this page.";
  }
}

/** A line of the list of what was left out. */
export function leftOut({ name, message }: Problem): { place: string; why: string } {
  const why = message.endsWith(".") ? message : `${message}.`;
  return { place: name, why: why.charAt(0).toUpperCase() + why.slice(1) };
}
