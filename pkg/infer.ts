/** The type of the values that a JSON Schema, written as a constant, describes. */
import type { HttpDescription, JsonSchema } from "./core/types.js";

/** A schema that the compiler doesn't know gives `unknown`; keywords that only restrict values are ignored. */
export type FromSchema<S> = S extends { const: infer C }
  ? C
  : S extends { enum: readonly (infer E)[] }
    ? E
    : S extends { anyOf: readonly (infer A)[] } | { oneOf: readonly (infer A)[] }
      ? FromSchema<A>
      : S extends { type: readonly (infer T)[] }
        ? T extends string
          ? OfType<T, S>
          : never
        : S extends { type: infer T extends string }
          ? OfType<T, S>
          : unknown;

/**
 * A schema of a library for validation that follows https://standardschema.dev and says its JSON Schema, such as one of
 * zod (4.2 and later) or ArkType.
 */
export interface StandardSchema {
  readonly "~standard": {
    readonly vendor: string;
    readonly types?: { readonly input: unknown; readonly output: unknown } | undefined;
  };
}

/** The argument of `execute`: an object of the schema's properties. */
export type ArgumentsOf<S> = S extends StandardSchema ? InputOf<S> : OfProperties<S>;

type InputOf<S extends StandardSchema> =
  NonNullable<S["~standard"]["types"]> extends { readonly input: infer I } ? I : any;

type OfProperties<S> = S extends { properties: infer P }
  ? // Properties that are only known to be schemas say nothing.
    string extends keyof P
    ? any
    : ObjectOf<P, S>
  : S extends { type: infer T }
    ? string extends T
      ? any
      : Record<string, never>
    : any;

type OfType<T extends string, S> = T extends "string"
  ? string
  : T extends "number" | "integer"
    ? number
    : T extends "boolean"
      ? boolean
      : T extends "null"
        ? null
        : T extends "array"
          ? S extends { items: infer I }
            ? FromSchema<I>[]
            : unknown[]
          : T extends "object"
            ? S extends { properties: infer P }
              ? ObjectOf<P, S>
              : Record<string, unknown>
            : unknown;

type ObjectOf<P, S> = Flat<
  { -readonly [K in keyof P & RequiredOf<S>]: FromSchema<P[K]> } & {
    -readonly [K in Exclude<keyof P, RequiredOf<S>>]?: FromSchema<P[K]>;
  }
>;

type RequiredOf<S> = S extends { required: readonly (infer R)[] } ? R : never;

/** One object type in place of an intersection: what editors show. */
type Flat<T> = { [K in keyof T]: T[K] };

/** `inputSchema` types the argument of `execute`. */
export interface ToolDefinition<S = JsonSchema> {
  /** 1 to 128 of `A-Z a-z 0-9 _ . -`. */
  name: string;
  /** What it does and when to use it, in a sentence or two: the model chooses by it. */
  description: string;
  /** The arguments: a JSON Schema of type "object", or a `StandardSchema`. */
  inputSchema: S;
  /** Questions that mean this tool: `register()` teaches them when the tool is new. */
  examples?: readonly string[];
  /** Carries the tool out in the page. Its return value is the observation. */
  execute?: (args: ArgumentsOf<S>, context: { signal: AbortSignal }) => unknown;
  /** Carries it out over HTTP where there is no `execute`. */
  http?: HttpDescription;
  /** Without `readOnlyHint: true`, every call needs approval. */
  annotations?: { title?: string; readOnlyHint?: boolean; idempotentHint?: boolean };
}

/** Returns the tool unchanged; its schema is inferred as a constant, which types the argument of `execute`. */
export function defineTool<const S extends JsonSchema | StandardSchema>(tool: ToolDefinition<S>): ToolDefinition<S> {
  return tool;
}
