/** Checked by `tsc`, never run: `execute` gets what its schema describes, and mistakes don't compile. */
import { z } from "zod";

import type { ImportedTool } from "../../pkg/importers/types.ts";
import {
  defineTool,
  load,
  type ArgumentsOf,
  type ErrorCode,
  type FromSchema,
  type RankedTool,
  type RunEvent,
  type ToolDefinition,
} from "../../pkg/index.ts";

declare const imported: ImportedTool[];
declare const dynamic: ToolDefinition;

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>) => {};

// Schemas as types.
same<FromSchema<{ type: "string" }>, string>(true);
same<FromSchema<{ type: "integer" }>, number>(true);
same<FromSchema<{ type: readonly ["string", "null"] }>, string | null>(true);
same<FromSchema<{ enum: readonly ["km", "mi"] }>, "km" | "mi">(true);
same<FromSchema<{ const: 7 }>, 7>(true);
same<FromSchema<{ type: "array"; items: { type: "boolean" } }>, boolean[]>(true);
same<FromSchema<{ anyOf: readonly [{ type: "string" }, { type: "number" }] }>, string | number>(true);
same<FromSchema<{ description: "anything" }>, unknown>(true);
same<
  ArgumentsOf<{
    type: "object";
    properties: { a: { type: "number" }; b: { type: "string" } };
    required: readonly ["a"];
  }>,
  { a: number; b?: string }
>(true);
// @ts-expect-error: a number is no string
same<FromSchema<{ type: "number" }>, string>(true);

const convert = defineTool({
  name: "convert",
  description: "Converts a length.",
  inputSchema: {
    type: "object",
    properties: {
      value: { type: "number" },
      unit: { enum: ["km", "mi"] },
      digits: { type: "integer" },
      tags: { type: "array", items: { type: "string" } },
    },
    required: ["value", "unit"],
  },
  execute({ value, unit, digits, tags }, { signal }) {
    same<typeof value, number>(true);
    same<typeof unit, "km" | "mi">(true);
    same<typeof digits, number | undefined>(true);
    same<typeof tags, string[] | undefined>(true);
    signal.throwIfAborted();
    // @ts-expect-error: a number has no such method
    value.trim();
    // @ts-expect-error: it may be absent
    digits.toFixed();
    // @ts-expect-error: this is none of the units
    if (unit === "ly") return;
  },
});

const zod = z.object({ minutes: z.number().int(), label: z.string().optional() });
defineTool({
  name: "timer",
  description: "Starts a timer.",
  inputSchema: zod,
  examples: ["wake me in 5 minutes"],
  execute({ minutes, label }) {
    same<typeof minutes, number>(true);
    same<typeof label, string | undefined>(true);
  },
});

export async function tools(): Promise<void> {
  const toolgen = await load({ checkpoint: "/model.json" }); // without a pack
  const { added, skipped, conflicts } = await toolgen.register([
    convert,
    {
      name: "greet",
      description: "Greets a person.",
      inputSchema: { type: "object", properties: { who: { type: "string" } }, required: ["who"] },
      execute({ who }) {
        same<typeof who, string>(true);
        // @ts-expect-error: the schema has no such property
        return (({ whom }) => whom)({ who });
      },
    },
    {
      name: "ping",
      description: "Pings.",
      inputSchema: { type: "object" },
      http: { method: "GET", url: "https://api.example/ping" },
      annotations: { readOnlyHint: true },
    },
  ]);
  added satisfies string[];
  skipped satisfies { name: string; code: string; message: string }[];
  conflicts satisfies { tools: [string, string]; similarity: number }[];

  await toolgen.register([
    convert,
    { name: "timer", description: "x", inputSchema: zod, execute: ({ minutes }) => same<typeof minutes, number>(true) },
  ]);

  // What importers give, and definitions that are only known at run time.
  await toolgen.register(imported);
  await toolgen.register([dynamic]);
  await toolgen.register([{ ...dynamic, execute: (args) => args.anything }]);

  // @ts-expect-error: a tool has a description
  await toolgen.register([{ name: "x", inputSchema: { type: "object" } }]);
  // @ts-expect-error: what it takes is called inputSchema
  await toolgen.register([{ name: "x", description: "x", parameters: { type: "object" } }]);
  // @ts-expect-error: an example names a tool, or null
  await toolgen.teach([{ query: "hi" }]);
  await toolgen.teach([{ query: "hi", tool: null }]);

  for await (const event of toolgen.run("?", {
    maxSteps: 2,
    approve: (call, tool, reason) => tool.name === call.name && reason !== "not_asked",
  }))
    show(event);
}

/** A call's events, and what a program may branch on when it fails. */
export async function events(): Promise<ErrorCode | undefined> {
  const toolgen = await load({ checkpoint: "" });
  for await (const event of toolgen.callEvents("?", { topK: 1, tools: ["a"] })) {
    if (event.type === "call") event.call.name satisfies string;
    if (event.type === "ask") event.parameters satisfies string[];
  }
  const before = [{ query: "?", call: { name: "a", arguments: {} } }];
  const { call, ...rest } = await toolgen.call("?", { now: null, before });
  rest satisfies { sure: boolean; missing: string[]; ranking: RankedTool[] };
  toolgen.callEvents("?", { now: new Date(), before: [{ query: "?", call, observation: "7" }] });
  // @ts-expect-error: a moment, not a text
  toolgen.retrieve("?", { now: "2026-05-14" });
  // @ts-expect-error: the events come from the loop
  toolgen.callEvents("?", { onEvent: () => {} });
  // @ts-expect-error: there is no such code
  "check_point" satisfies ErrorCode;
  return (["checkpoint", "tokenizer", "busy", "timeout"] satisfies ErrorCode[])[0];
}

/** Every event is told apart by its type; a new one that is forgotten here doesn't compile. */
function show(event: RunEvent): string {
  switch (event.type) {
    case "prefill":
      return `${event.done} of ${event.total}`;
    case "ranking":
      return event.tools.map(({ name }) => name).join();
    case "look":
      return `${event.name}: ${event.probability}`;
    case "choose":
      return event.candidates.map(({ name }) => name).join();
    case "tool":
      return event.name;
    case "arguments":
      return `${event.text}: ${event.tokens?.map(({ allowed }) => allowed).join()}`;
    case "call":
      return event.call.name;
    case "request":
      return event.request.url;
    case "retry":
      return event.reason;
    case "observation":
      return Object.keys(event.observation.result).join();
    case "error":
      return event.error.code;
    case "ask":
      return event.parameters.map(({ name, schema }) => `${name}: ${schema.description}`).join();
    case "abstain":
      return "no tool fits";
    case "answer":
      return event.text;
    case "finish":
      return event.reason;
  }
}
