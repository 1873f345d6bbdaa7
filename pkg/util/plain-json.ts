/** Any value as JSON, whatever it is made of: what a tool gave back may contain itself, or throw where it is read. */
import { ToolgenError } from "../core/errors.js";

/** What is nested deeper was made by a program, and would exhaust the stack. */
const MAX_DEPTH = 100;

/** Of errors it has the code and the message, of bytes their number. Undefined for what JSON has no word for. */
export function plainJson(value: unknown, indent?: number): string | undefined {
  return JSON.stringify(
    plain(() => value, []),
    null,
    indent,
  );
}

/** Read in here, since a getter or a proxy may throw. */
function plain(read: () => unknown, path: readonly object[]): unknown {
  try {
    const value = read();
    if (value instanceof ToolgenError) return { error: value.code, message: value.message };
    if (typeof value === "bigint") return String(value);
    if (typeof value !== "object" || value === null) return value;
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
    if (path.includes(value)) return "[circular]";
    if (path.length >= MAX_DEPTH) return "[nested too deep]";
    const inside = [...path, value];
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON === "function") return plain(() => toJSON.call(value), inside);
    const part = (key: string | number) => plain(() => (value as Record<string | number, unknown>)[key], inside);
    if (Array.isArray(value)) return Array.from(value, (_, index) => part(index));
    // fromEntries defines a key like "__proto__" as any other.
    return Object.fromEntries(Object.keys(value).map((key) => [key, part(key)]));
  } catch {
    return "[unreadable]";
  }
}
