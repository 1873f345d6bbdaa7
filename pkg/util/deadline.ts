import { ToolgenError } from "../core/errors.js";
import { Deadline, type Limits } from "./signals.js";

/**
 * The work's outcome, or an error `aborted` or `timeout` as soon as the caller's signal aborts or the time is up.
 * `subject` begins their messages: "The tool add".
 */
export async function withDeadline<T>(
  subject: string,
  limits: Limits,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new Deadline(
    limits,
    (cause) => new ToolgenError("aborted", `${subject} was aborted.`, { cause }),
    () => new ToolgenError("timeout", `${subject} took longer than ${limits.timeoutMs} ms.`),
  );
  try {
    return await deadline.race(work);
  } finally {
    deadline.close();
  }
}
