/** The fake module's streams keep to the grammar of the real ones: `tests/golden/transcripts.json`, written by the crate. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import type * as protocol from "../../pkg/protocol.ts";
import type { Unsure } from "../../pkg/core/types.ts";
import type { End, Reply, RunStreamEvent } from "../../pkg/protocol.ts";
import type { Engine, EngineStream } from "../../pkg/worker/wasm.ts";
import * as fake from "./fake-wasm.ts";

type Asked =
  | { type: "retrieve" | "call"; query: Query; topK: number }
  | { type: "run"; query: Query; topK: number; maxSteps: number; unsure?: Unsure }
  | { type: "complete"; prompt: string; maxTokens: number };
type Query = string | protocol.Asked;
type Step = { event: RunStreamEvent } | { reply: Reply };
interface Transcript {
  asked: Asked;
  steps: Step[];
}

const read = (path: string) => readFileSync(join(import.meta.dirname, "../..", path), "utf8");
const transcripts: Transcript[] = JSON.parse(read("tests/golden/transcripts.json"));
const tools = read("models/tiny/tools.jsonl")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));

const eventsOf = (steps: Step[]) => steps.flatMap((step) => ("event" in step ? [step.event] : []));
const repliesOf = (steps: Step[]) => steps.flatMap((step) => ("reply" in step ? [step.reply] : []));

const textOf = (query: Query) => (typeof query === "string" ? query : query.text);

/** The calls that a transcript's model wrote, as the fake one is to plan them. */
function planOf(steps: Step[]): fake.Planned[] {
  const plan: (fake.Planned & { text: string })[] = [];
  for (const event of eventsOf(steps)) {
    const last = plan.at(-1)!;
    if (event.type === "choose" || (event.type === "end" && event.reason === "unsure"))
      plan.push({ name: tools[0].name, arguments: {}, text: "", sure: false });
    else if (event.type === "tool" && last?.sure === false) last.name = event.name;
    else if (event.type === "tool") plan.push({ name: event.name, arguments: {}, text: "" });
    else if (event.type === "arguments") last.text += event.text;
    else if (event.type === "approve") last.asked = event.reason !== "not_asked";
    else if (event.type === "ask") last.lacks = event.parameters;
    else if (event.type === "end" && event.reason === "asked") last.lacks = event.parameters;
  }
  return plan.map(({ text, ...planned }) => {
    const args = Object.entries(JSON.parse(text || "{}"));
    // What is lacking was written as null.
    return { ...planned, arguments: Object.fromEntries(args.filter(([name]) => !planned.lacks?.includes(name))) };
  });
}

async function engineOf({ asked, steps }: Transcript): Promise<Engine> {
  const reader = new fake.CheckpointReader(4, await fake.Device.open("cpu"));
  reader.push(new TextEncoder().encode("GGUF"));
  const engine = await reader.finish();
  const answers = "query" in asked ? { [textOf(asked.query)]: planOf(steps) } : {};
  engine.load_pack(new TextEncoder().encode(JSON.stringify({ tools, answers })));
  return engine;
}

function start(engine: Engine, asked: Asked): EngineStream {
  switch (asked.type) {
    case "retrieve":
      return engine.retrieve(asked.query, asked.topK);
    case "call":
      return engine.call(asked.query, asked.topK);
    case "run":
      return engine.run(asked.query, asked.topK, asked.maxSteps, undefined, asked.unsure);
    case "complete":
      return engine.complete(asked.prompt, asked.maxTokens);
  }
}

/** What the fake module says to the same replies. */
async function follow(transcript: Transcript): Promise<Step[]> {
  const replies = repliesOf(transcript.steps);
  const stream = start(await engineOf(transcript), transcript.asked);
  const seen: Step[] = [];
  for (let event; (event = await stream.next()); ) {
    seen.push({ event });
    if (!["choose", "approve", "execute"].includes(event.type)) continue;
    const reply = replies.shift();
    assert.ok(reply, `the real module has no \`${event.type}\` here`);
    stream.reply(reply);
    seen.push({ reply });
  }
  return seen;
}

/** What a value is made of: of numbers and texts their kind, of a list one of each kind of item. */
function kindOf(value: unknown): unknown {
  if (Array.isArray(value)) return [...new Set(value.map((item) => JSON.stringify(kindOf(item))))];
  if (typeof value !== "object" || value === null) return typeof value;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(fields.map(([key, value]) => [key, kindOf(value)]));
}

/** What a plan decides stays as it is; what the model computes is only of its kind, however many parts it came in. */
function grammarOf(steps: Step[]): unknown[] {
  const parts = steps.map((step) => {
    if ("reply" in step) return step;
    const { type, ...fields } = step.event;
    return ["prefill", "ranking", "choose", "arguments", "token"].includes(type)
      ? { type, fields: kindOf(fields) }
      : step;
  });
  const texts = parts.map((part) => JSON.stringify(part));
  return parts.filter((_, index) => texts[index] !== texts[index - 1]);
}

for (const transcript of transcripts) {
  const { asked, steps } = transcript;
  const end = eventsOf(steps).at(-1) as { type: string; reason?: End["reason"] };
  test(`${asked.type} to ${end.reason ?? end.type}`, async () => {
    const found = await follow(transcript);
    assert.deepEqual(grammarOf(found), grammarOf(steps));
    for (const event of eventsOf(found)) {
      if (event.type === "prefill") assert.ok(event.done > 0 && event.done <= event.total, JSON.stringify(event));
    }
  });
}
