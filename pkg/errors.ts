/** What went wrong, for code to branch on; the message is for people. */
export type ErrorCode =
  // the files and the model (the first eleven come from the wasm module)
  | "gguf"
  | "pack"
  | "base_mismatch"
  | "no_pack"
  | "question_empty"
  | "question_too_long"
  | "schema"
  | "arguments_too_long"
  | "backend"
  | "gpu"
  | "device_lost"
  | "download"
  | "wasm"
  | "unsupported"
  | "crashed"
  | "disposed"
  // carrying out a call
  | "no_executor"
  | "not_approved"
  | "bad_tool"
  | "bad_argument"
  | "http_status"
  | "redirected"
  | "timeout"
  | "aborted"
  | "not_json"
  | "network_or_cors"
  | "too_large"
  | "bad_pointer"
  | "function_failed";

/** Facts about a failed request, where there are any. */
export interface ErrorDetails {
  url?: string;
  /** The HTTP status. */
  status?: number;
  /** What the server answered: its first part, or all of it with `bad_pointer`. */
  body?: unknown;
  cause?: unknown;
}

/** The one error class of the package. */
export class ToolgenError extends Error {
  override readonly name = "ToolgenError";
  readonly code: ErrorCode;
  readonly url?: string;
  readonly status?: number;
  readonly body?: unknown;

  constructor(code: ErrorCode, message: string, { cause, ...details }: ErrorDetails = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    Object.assign(this, details);
  }
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
