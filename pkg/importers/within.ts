/** Work that ends in time, whatever it does with its signal. */
import { Deadline, type Limits } from "../util/deadline.js";
import { ToolgenError } from "../core/errors.js";

/**
 * What `work` gives. Its signal aborts with the caller's signal and when the time is up; the
 * promise then rejects at once with `aborted` or `timeout`, and what `work` does later is ignored.
 * `subject` begins the errors: "The tool add".
 */
export async function within<T>(subject: string, limits: Limits, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
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
