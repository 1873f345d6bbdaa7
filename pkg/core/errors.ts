/** What the wasm module throws: the codes of the crate's `Error::code()`, and `busy`. */
export type WasmErrorCode =
  // the model's files
  | "gguf"
  | "checkpoint"
  | "tokenizer"
  /** The adapter can't be read, or changes what the checkpoint doesn't have: make it again, or serve it whole. */
  | "adapter"
  | "pack"
  /** An adapter of another checkpoint, or a pack of another model: load those that were made for each other. */
  | "base_mismatch"
  // options and the order of requests
  | "bad_option"
  | "out_of_turn"
  | "busy"
  // a question
  | "no_pack"
  | "question_empty"
  | "question_too_long"
  | "arguments_too_long"
  // a tool's document
  | "schema"
  | "openapi"
  // where the model computes
  | "backend"
  | "gpu"
  | "device_lost";

/** What went wrong, for code to branch on; the message is for people. */
export type ErrorCode =
  | WasmErrorCode
  // loading
  | "download"
  | "manifest"
  | "integrity"
  | "quota"
  | "wasm"
  | "unsupported"
  | "crashed"
  | "disposed"
  // carrying out a call
  | "no_executor"
  | "not_approved"
  | "bad_tool"
  | "bad_argument"
  | "origin_not_allowed"
  | "http_status"
  | "redirected"
  | "timeout"
  | "aborted"
  | "not_json"
  | "network_or_cors"
  | "too_large"
  | "bad_pointer"
  | "function_failed"
  // an MCP server, or what it says, doesn't keep to the protocol
  | "mcp"
  // adapters to other interfaces
  | "bad_request"
  | "no_tool";

/** Facts about a failed request, where there are any. */
export interface ErrorDetails {
  url?: string;
  /** The HTTP status. */
  status?: number;
  /** How long the server asks to wait, in milliseconds (`Retry-After`). */
  retryAfterMs?: number;
  /** The body of the response: its start, or all of it with `bad_pointer`. */
  body?: unknown;
  cause?: unknown;
}

/** The one error class of the package. */
export class ToolgenError extends Error {
  override readonly name = "ToolgenError";
  readonly code: ErrorCode;
  readonly url?: string;
  readonly status?: number;
  readonly retryAfterMs?: number;
  readonly body?: unknown;

  constructor(code: ErrorCode, message: string, { cause, ...details }: ErrorDetails = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    Object.assign(this, details);
  }
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error);
  } catch {
    return "something without a message";
  }
}
