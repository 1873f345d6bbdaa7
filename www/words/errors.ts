/** What went wrong, in words for people; the code and the message are for who mends it. */
import { ToolgenError, type ErrorCode } from "toolgen";
import { parseUrl } from "./url.ts";

export interface Explained {
  /** What happened, and what can be done about it. */
  text: string;
  code: string;
  message: string;
}

export function explain(error: unknown, { online = true } = {}): Explained {
  const code = error instanceof ToolgenError ? error.code : "unexpected";
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof ToolgenError)) return { text: "Something went wrong in this page.", code, message };
  if (!online && OVER_THE_NETWORK.has(error.code))
    return { text: "There is no network at the moment. The tools that run in this page still work.", code, message };
  return { text: wordsFor(error), code, message };
}

const OVER_THE_NETWORK: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["network_or_cors", "timeout"]);

function wordsFor(error: ToolgenError): string {
  const service = hostIn(error) ?? "The service";
  switch (error.code) {
    case "http_status":
      return ofStatus(service, error.status ?? 0);
    case "network_or_cors":
      return `${service} can't be reached from this page at the moment.`;
    case "timeout":
      return `${service} takes too long to answer. Try again later.`;
    case "aborted":
      return "It was stopped.";
    case "redirected":
    case "origin_not_allowed":
      return `${service} leads to another place, where this page sends nothing.`;
    case "not_json":
    case "bad_pointer":
    case "too_large":
      return `${service} answered, but not with what was asked for. Perhaps it knows nothing of it.`;
    case "function_failed":
      return error.message; // the tools in the page say it in words
    case "not_approved":
      return "Nothing was done, since it wasn't allowed.";
    case "bad_argument":
      return `That doesn't fit: ${error.message}`;
    case "question_empty":
      return "Type a question first.";
    case "question_too_long":
      return "That is too long for this small model. A sentence or two is best.";
    case "arguments_too_long":
      return "The call became too long for this small model. Try a shorter question.";
    case "download":
      return "The connection broke. What has come is kept.";
    case "gguf":
    case "checkpoint":
    case "tokenizer":
    case "adapter":
    case "pack":
    case "base_mismatch":
      return "The model's files are damaged, or of different releases. Trying again fetches them once more.";
    case "integrity":
    case "manifest":
      return "What came is not what the model's manifest says. Trying again fetches it once more.";
    case "quota":
      return "This browser has no room left to store the model.";
    case "unsupported":
    case "wasm":
      return "This browser can't run the model. A current Chrome, Edge, Firefox or Safari can.";
    case "crashed":
    case "disposed":
    case "device_lost":
    case "gpu":
    case "backend":
      return "The model stopped. Load the page again.";
    default:
      return "Something went wrong.";
  }
}

function ofStatus(service: string, status: number): string {
  if (status === 404 || status === 400 || status === 422) return `${service} knows nothing of that.`;
  if (status === 429) return `${service} has had too many questions. Try again in a while.`;
  if (status === 401 || status === 403) return `${service} doesn't answer this page.`;
  return `${service} is out of order at the moment. Try again later.`;
}

function hostIn({ url }: ToolgenError): string | undefined {
  return url === undefined ? undefined : parseUrl(url)?.host;
}
