/**
 * The value at a JSON Pointer (RFC 6901), or undefined when the document has no such place
 * (JSON has no undefined, so the two can't be confused).
 */
export function valueAt(document: unknown, pointer: string): unknown {
  if (pointer === "") return document;
  if (!pointer.startsWith("/"))
    throw new SyntaxError(`"${pointer}" is not a JSON Pointer: it must be empty or start with "/"`);
  let value = document;
  for (const step of pointer.slice(1).split("/")) {
    const key = step.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    if (Array.isArray(value) && !/^(0|[1-9]\d*)$/.test(key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}
