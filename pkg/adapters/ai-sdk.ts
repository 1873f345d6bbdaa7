/** A model as a language model of Vercel's AI SDK (version 4 of its interface, `ai` 7 and later). */
import { attempt, read } from "../util/options.js";
import type { RankedTool } from "../core/types.js";
import { LinkedController, throwIfAborted } from "../util/signals.js";
import { readOptions, toolsOf, type Generated, type Model, type Options, type Warning } from "./ai-sdk-request.js";
import { respond, type ChatTurn } from "./choose.js";
import { newId } from "./ids.js";
import type { ChatOptions, ToolModel } from "./model.js";
import { registerTools } from "./request-tools.js";

export type { ChatOptions, ToolModel } from "./model.js";

/** The interface of the AI SDK that `createToolgen` implements. */
export type ToolgenLanguageModel = Model;

type Streamed = Awaited<ReturnType<Model["doStream"]>>;
type Part = Streamed["stream"] extends ReadableStream<infer T> ? T : never;
type Finish = Extract<Part, { type: "finish" }>;

/**
 * For `generateText` and `streamText`: a tool call a step, as long as the question asks for more, then the results as text.
 * Rejects with `bad_request` for what is not supported, and `no_tool` when a required call isn't made.
 */
export function createToolgen(toolgen: ToolModel, settings: ChatOptions = {}): ToolgenLanguageModel {
  const begin = async (options: Options) => {
    throwIfAborted(options.abortSignal);
    await registerTools(
      toolgen,
      attempt("The tools", () => toolsOf(options)),
      options.abortSignal,
    );
    return attempt("The prompt", () => readOptions(toolgen, options, read(settings)));
  };
  return {
    specificationVersion: "v4",
    provider: "toolgen",
    modelId: "toolgen",
    supportedUrls: {},
    async doGenerate(options) {
      const { turn, warnings } = await begin(options);
      return collect(partsOf(toolgen, turn, warnings, options.abortSignal));
    },
    async doStream(options) {
      const { turn, warnings } = await begin(options);
      return { stream: streamOf((signal) => partsOf(toolgen, turn, warnings, signal), options) };
    },
  };
}

async function* partsOf(
  model: ToolModel,
  turn: ChatTurn,
  warnings: Warning[],
  signal?: AbortSignal,
): AsyncGenerator<Part, void, void> {
  yield { type: "stream-start", warnings };
  yield { type: "response-metadata", id: newId("toolgen-"), timestamp: new Date(), modelId: "toolgen" };
  const id = newId("call_");
  for await (const event of respond(model, turn, signal)) {
    switch (event.type) {
      case "tool":
        yield { type: "tool-input-start", id, toolName: event.name };
        break;
      case "arguments":
        yield { type: "tool-input-delta", id, delta: event.text };
        break;
      case "call":
        yield { type: "tool-input-end", id };
        yield {
          type: "tool-call",
          toolCallId: id,
          toolName: event.call.name,
          input: JSON.stringify(event.call.arguments),
        };
        return yield finish("tool-calls", "call", event.ranking);
      case "ask":
        yield* textParts(event.text);
        return yield finish("stop", "ask", event.ranking);
      case "refusal":
        yield* textParts(event.reason);
        return yield finish("stop", "refusal", event.ranking);
      case "answer":
        yield* textParts(event.text);
        return yield finish("stop", "finish");
    }
  }
}

function* textParts(text: string): Generator<Part, void, void> {
  const id = newId("text_");
  yield { type: "text-start", id };
  yield { type: "text-delta", id, delta: text };
  yield { type: "text-end", id };
}

/** Tokens aren't counted. */
const NO_USAGE: Finish["usage"] = {
  inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: undefined, text: undefined, reasoning: undefined },
};

function finish(unified: Finish["finishReason"]["unified"], raw: string, ranking?: RankedTool[]): Finish {
  const providerMetadata = ranking && {
    toolgen: { ranking: ranking.map(({ name, probability }) => ({ name, probability })) },
  };
  return { type: "finish", usage: NO_USAGE, finishReason: { unified, raw }, providerMetadata };
}

/** A generated result is the sum of the streamed parts. */
async function collect(parts: AsyncIterable<Part>): Promise<Generated> {
  const content: Generated["content"] = [];
  let warnings: Warning[] = [];
  let response: Generated["response"];
  for await (const part of parts) {
    if (part.type === "stream-start") ({ warnings } = part);
    else if (part.type === "response-metadata")
      response = { id: part.id, timestamp: part.timestamp, modelId: part.modelId };
    else if (part.type === "text-delta") content.push({ type: "text", text: part.delta });
    else if (part.type === "tool-call") content.push(part);
    else if (part.type === "finish") {
      const { usage, finishReason, providerMetadata } = part;
      return { content, usage, finishReason, providerMetadata, response, warnings };
    }
  }
  throw new Error("unreachable: the last part is the finish");
}

/** Failures are parts of the stream, as the SDK wants them; only an abort breaks it. Cancelling aborts. */
function streamOf(
  start: (signal: AbortSignal) => AsyncGenerator<Part, void, void>,
  { abortSignal }: Options,
): ReadableStream<Part> {
  const stop = new LinkedController(abortSignal);
  const parts = start(stop.signal);
  return new ReadableStream<Part>({
    async pull(controller) {
      try {
        const { done, value } = await parts.next();
        if (!done) return controller.enqueue(value);
      } catch (error) {
        stop.signal.throwIfAborted();
        controller.enqueue({ type: "error", error });
        controller.enqueue(finish("error", "error"));
      }
      stop.unlink();
      controller.close();
    },
    cancel(reason) {
      stop.unlink();
      stop.abort(reason);
    },
  });
}
