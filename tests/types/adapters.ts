/**
 * Checked by `tsc`, never run: the adapters fit the real interfaces, and mistakes don't compile.
 */
import type { LanguageModel } from "ai";
import type OpenAI from "openai";
import type {
  ChatCompletionChunk,
  ChatCompletionCreateParams,
  ChatCompletion as RealCompletion,
} from "openai/resources/chat/completions";

import { createToolgen } from "../../pkg/adapters/ai-sdk.ts";
import type { ToolModel } from "../../pkg/adapters/model.ts";
import { createChatCompletions, type ChatCompletionRequest } from "../../pkg/adapters/openai.ts";
import { useRun, useToolgen } from "../../pkg/adapters/react.ts";
import { load } from "../../pkg/index.ts";
import type { Toolgen } from "../../pkg/toolgen.ts";

declare const toolgen: Toolgen;
declare const params: ChatCompletionCreateParams;

// A Toolgen is what the adapters need.
toolgen satisfies ToolModel;
// @ts-expect-error: a model without tools is none
({ callEvents: async function* () {}, run: async function* () {} }) satisfies ToolModel;

/** OpenAI's requests are read, and the answers are OpenAI's. */
export async function openai(): Promise<void> {
  params satisfies ChatCompletionRequest;
  const completions = createChatCompletions(toolgen);
  const messages = [{ role: "user", content: "?" } as const];
  (await completions.create({ messages })) satisfies RealCompletion;
  (await completions.create({
    messages,
    model: "toolgen",
    temperature: 0,
    tool_choice: "required",
  })) satisfies RealCompletion;
  for await (const chunk of await completions.create({ messages, stream: true })) chunk satisfies ChatCompletionChunk;
  const either = await completions.create(params);
  if (Symbol.asyncIterator in either) either satisfies AsyncIterable<ChatCompletionChunk>;
  else either satisfies RealCompletion;
  // It stands where code takes the client's completions.
  const client: { create(request: OpenAI.ChatCompletionCreateParamsNonStreaming): PromiseLike<RealCompletion> } =
    completions;
  void client;

  // @ts-expect-error: a request has messages
  await completions.create({});
  // @ts-expect-error: there is no such choice
  await completions.create({ messages, tool_choice: "sometimes" });
  // @ts-expect-error: there is no such parameter
  await completions.create({ messages, temprature: 0 });
  // @ts-expect-error: a stream has no choices of its own
  (await completions.create({ messages, stream: true })).choices;
  // @ts-expect-error: there is no such role
  await completions.create({ messages: [{ role: "robot", content: "?" }] });
}

/** The AI SDK takes the model, as version 4 of its interface. */
export function aiSdk(): void {
  const model = createToolgen(toolgen);
  model satisfies LanguageModel;
  model.specificationVersion satisfies "v4";
  // @ts-expect-error: the older interface is not implemented
  model satisfies Extract<LanguageModel, { specificationVersion: "v3" }>;
  // @ts-expect-error: a promise of a model is no model
  createToolgen(load({ checkpoint: "", pack: "" }));
}

/** The states of the hooks can be told apart. */
export function react(): void {
  const model = useToolgen((options) => load({ checkpoint: "a.gguf", pack: "b.safetensors", ...options }));
  model.toolgen satisfies Toolgen | undefined;
  if (model.status === "ready") model.toolgen satisfies Toolgen;
  if (model.status === "loading") model.progress?.loaded satisfies number | undefined;
  // @ts-expect-error: only an error has one
  model.error;
  // @ts-expect-error: a loading function is wanted, not what it gives
  useToolgen(load({ checkpoint: "", pack: "" }));

  const run = useRun(model.toolgen);
  run.run("?", { tools: ["a"] }) satisfies void;
  if (run.status === "done") run.call?.name satisfies string | undefined;
  // @ts-expect-error: a run that isn't done has no call
  if (run.status === "running") run.call;
  // @ts-expect-error: a question is text
  run.run(7);
}
