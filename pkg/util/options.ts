/** Options and lists as they come from code that no compiler has checked. */
import { messageOf, ToolgenError } from "../core/errors.js";
import { isRecord } from "./is-record.js";
import { kindOf } from "./kind-of.js";

const NUMBERS = /Ms$|^(maxBytes|retries|observationChars)$/;
const FUNCTIONS = /^(on[A-Z]\w*|approve|choose|fetch|sleep|random|clock)$/;

/** A copy of the options, each read once. Throws `bad_argument` where that can't be, or where one can't be used. */
export function read<T extends object>(given: T | null | undefined): T {
  const options = attempt("The options", () => {
    if (!isRecord(given ?? {})) throw new TypeError(`an object is wanted, not ${kindOf(given)}`);
    return { ...given } as T;
  });
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (FUNCTIONS.test(name) && typeof value !== "function")
      throw bad(`${name} must be a function, not ${kindOf(value)}`);
    // Not a number, and a text that adds up to another number, too.
    if (NUMBERS.test(name) && !(typeof value === "number" && value >= 0))
      throw bad(`${name} must be a number from 0 on`);
    if (name === "signal" && !isSignal(value)) throw bad("signal must be an AbortSignal");
  }
  return options;
}

/** The items of an array, read once. */
export function list<T>(name: string, given: readonly T[]): T[] {
  if (!Array.isArray(given)) throw bad(`${name} must be an array, not ${kindOf(given)}`);
  return attempt(name, () => [...given]);
}

/** What the work gives; whatever a getter or a proxy throws is a `bad_argument`. */
export function attempt<T>(subject: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof ToolgenError) throw cause;
    throw new ToolgenError("bad_argument", `${subject} can't be read: ${messageOf(cause)}.`, { cause });
  }
}

/** One of another frame, or of a library, is one too. */
export function isSignal(value: unknown): value is AbortSignal {
  const { aborted, addEventListener, removeEventListener } = Object(value) as Partial<AbortSignal>;
  return [typeof aborted, typeof addEventListener, typeof removeEventListener].join() === "boolean,function,function";
}

function bad(message: string): ToolgenError {
  return new ToolgenError("bad_argument", `${message}.`);
}
