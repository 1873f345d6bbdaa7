/** Writes any value as JSON within a budget of characters. */
import type { JsonSchema } from "../core/types.js";
import { withoutBytes } from "./base64.js";
import { neutralise } from "./neutralise.js";

/** How much of a value is written. */
export interface Trim {
  /** Of a string. */
  characters: number;
  /** Of an array. */
  items: number;
  /** Of an object. */
  keys: number;
  /** Of arrays and objects in each other. */
  depth: number;
}

/** Names stay readable, and different, when strings are cut to a few characters. */
const MIN_KEY_CHARS = 16;

/** Made for one text. Writers of the same value can share `keys`, since listing many takes long. */
export class JsonWriter {
  readonly #trim: Trim;
  readonly #maxChars: number;
  readonly #keys: WeakMap<object, string[]>;
  readonly #path: unknown[] = [];
  #text = "";

  constructor(trim: Trim, maxChars: number, keys: WeakMap<object, string[]>) {
    this.#trim = trim;
    this.#maxChars = maxChars;
    this.#keys = keys;
  }

  /** The text; undefined when it doesn't fit. */
  write(value: unknown, schema?: JsonSchema): string | undefined {
    return this.#value(value, schema) ? this.#text : undefined;
  }

  /** False as soon as the budget is spent, so that the size of the input doesn't matter. */
  #value(given: unknown, schema?: JsonSchema): boolean {
    const { length } = this.#text;
    const depth = this.#path.length;
    try {
      const value = plain(given);
      if (typeof value === "string") return this.#add(this.#quoted(withoutBytes(value), this.#trim.characters));
      if (typeof value !== "object" || value === null) return this.#add(JSON.stringify(value ?? null));
      if (this.#path.includes(given)) return this.#add('"[circular]"');
      this.#path.push(given);
      const fits = Array.isArray(value)
        ? this.#array(value, schema)
        : this.#object(value as Record<string, unknown>, schema);
      this.#path.pop();
      return fits;
    } catch {
      // An accessor or a proxy has thrown.
      this.#path.length = depth;
      this.#text = this.#text.slice(0, length);
      return this.#add('"[unreadable]"');
    }
  }

  #array(items: unknown[], schema?: JsonSchema): boolean {
    const { length } = items;
    if (this.#path.length > this.#trim.depth) return this.#add(JSON.stringify(`… ${length} items`));
    const shown = Math.min(length, this.#trim.items);
    if (!this.#add("[")) return false;
    for (let i = 0; i < shown; i++) {
      if ((i > 0 && !this.#add(",")) || !this.#value(read(items, i), asSchema(schema?.items))) return false;
    }
    const more = length - shown;
    if (more > 0 && !this.#add(`${shown > 0 ? "," : ""}${JSON.stringify(`… ${more} more`)}`)) return false;
    return this.#add("]");
  }

  #object(object: Record<string, unknown>, schema?: JsonSchema): boolean {
    const keys = this.#keys.get(object) ?? keysOf(object, schema);
    this.#keys.set(object, keys);
    if (this.#path.length > this.#trim.depth) return this.#add(JSON.stringify(`… ${keys.length} keys`));
    const names = new Set<string>();
    let more = 0;
    if (!this.#add("{")) return false;
    for (const [i, key] of keys.entries()) {
      if (names.size >= this.#trim.keys) {
        more += keys.length - i;
        break;
      }
      const value = read(object, key);
      if (isAbsent(value)) continue;
      const name = this.#quoted(key, Math.max(this.#trim.characters, MIN_KEY_CHARS));
      if (names.has(name)) {
        more += 1; // two long names can begin alike
        continue;
      }
      if (
        !this.#add(`${names.size > 0 ? "," : ""}${name}:`) ||
        !this.#value(value, asSchema(schema?.properties?.[key]))
      )
        return false;
      names.add(name);
    }
    if (more > 0 && !this.#add(`${names.size > 0 ? "," : ""}"…":"${more} more"`)) return false;
    return this.#add("}");
  }

  #quoted(text: string, limit: number): string {
    // What is neutralised can get shorter, so some more is looked at; a long text is never read whole.
    const start = neutralise(text.slice(0, 2 * limit));
    if (start.length <= limit && text.length <= 2 * limit) return JSON.stringify(start);
    return JSON.stringify(`${start.slice(0, limit).replace(/[\ud800-\udbff]$/, "")}…`);
  }

  #add(text: string): boolean {
    this.#text += text;
    return this.#text.length <= this.#maxChars;
  }
}

/** What JSON has no word for: left out of objects, null in arrays. */
function isAbsent(value: unknown): boolean {
  return value === undefined || typeof value === "function" || typeof value === "symbol";
}

/** A value in JSON's terms, as far as one level goes. */
function plain(value: unknown): unknown {
  if (isAbsent(value) || (typeof value === "number" && !Number.isFinite(value))) return null;
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof Blob) return `[${value.size} bytes]`;
  if (value instanceof Error) return value.message;
  // MCP's images and sounds, short ones too.
  if (isMedia(value)) return `[${value.mimeType}]`;
  if (value instanceof Map) return Object.fromEntries(value);
  if (value instanceof Set) return [...value];
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON !== "function") return value;
  const json: unknown = toJSON.call(value); // dates and URLs have it
  return typeof json === "object" ? json : plain(json);
}

function isMedia(value: object): value is { mimeType: string } {
  const { mimeType, data } = value as Record<string, unknown>;
  return typeof mimeType === "string" && typeof data === "string";
}

function read(object: object, key: string | number): unknown {
  try {
    return (object as Record<string | number, unknown>)[key];
  } catch {
    return "[unreadable]";
  }
}

/** The schema's required properties, then its others, then the rest, each in the order it has there. */
function keysOf(object: object, schema?: JsonSchema): string[] {
  const keys = Object.keys(object);
  const required = Array.isArray(schema?.required) ? schema.required : [];
  const own = new Set(keys);
  const first = [...new Set([...required, ...Object.keys(schema?.properties ?? {})])].filter((key) => own.has(key));
  if (first.length === 0) return keys;
  const taken = new Set(first);
  return [...first, ...keys.filter((key) => !taken.has(key))];
}

function asSchema(value: unknown): JsonSchema | undefined {
  return typeof value === "object" && value !== null ? (value as JsonSchema) : undefined;
}
