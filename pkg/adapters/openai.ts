/** A model behind the chat completions interface of OpenAI's API. It calls tools and carries none out. */
import { attempt, read } from "../util/options.js";
import { throwIfAborted } from "../util/signals.js";
import { respond, type ChatTurn } from "./choose.js";
import { newId } from "./ids.js";
import type { ChatOptions, ToolModel } from "./model.js";
import { readRequest, toolsOf } from "./openai-request.js";
import { registerTools } from "./request-tools.js";
import type { ChatCompletion, ChatCompletionChunk, ChatCompletionRequest, ChatDelta } from "./openai-types.js";

export type { ChatOptions, ToolModel } from "./model.js";
export type {
  ChatCompletion,
  ChatCompletionChunk,
  ChatCompletionRequest,
  ChatDelta,
  ChatMessage,
  ChatTool,
  ChatToolCall,
  ChatToolChoice,
} from "./openai-types.js";

export interface ChatCompletions {
  /**
   * Answers the last user message with a tool call, and a tool's results with the next one or their text. Rejects with
   * `bad_request` for what is not supported and `no_tool` when a required call isn't made; a
   * stream throws the model's own failures while it is read.
   */
  create(
    request: ChatCompletionRequest & { stream: true },
    options?: { signal?: AbortSignal },
  ): Promise<AsyncIterableIterator<ChatCompletionChunk>>;
  create(
    request: ChatCompletionRequest & { stream?: false | null },
    options?: { signal?: AbortSignal },
  ): Promise<ChatCompletion>;
  create(
    request: ChatCompletionRequest,
    options?: { signal?: AbortSignal },
  ): Promise<ChatCompletion | AsyncIterableIterator<ChatCompletionChunk>>;
}

export function createChatCompletions(toolgen: ToolModel, options: ChatOptions = {}): ChatCompletions {
  async function create(request: ChatCompletionRequest, given?: { signal?: AbortSignal }): Promise<any> {
    const { signal } = read(given);
    throwIfAborted(signal);
    await registerTools(
      toolgen,
      attempt("The tools", () => toolsOf(request)),
      signal,
    );
    const turn = attempt("The request", () => readRequest(toolgen, request, read(options)));
    const chunks = streamOf(toolgen, turn, signal);
    return request.stream ? chunks : collect(chunks);
  }
  return { create };
}

async function* streamOf(
  model: ToolModel,
  turn: ChatTurn,
  signal?: AbortSignal,
): AsyncGenerator<ChatCompletionChunk, void, void> {
  const head = {
    id: newId("chatcmpl-"),
    object: "chat.completion.chunk",
    created: Math.floor(Date.now() / 1000),
    model: "toolgen",
  } as const;
  const chunk = (delta: ChatDelta, finish: "tool_calls" | "stop" | null = null): ChatCompletionChunk => ({
    ...head,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  });
  yield chunk({ role: "assistant", content: null, refusal: null });
  for await (const event of respond(model, turn, signal)) {
    switch (event.type) {
      case "tool":
        yield chunk({
          tool_calls: [
            { index: 0, id: newId("call_"), type: "function", function: { name: event.name, arguments: "" } },
          ],
        });
        break;
      case "arguments":
        yield chunk({ tool_calls: [{ index: 0, function: { arguments: event.text } }] });
        break;
      case "call":
        return yield chunk({}, "tool_calls");
      case "ask":
      case "answer":
        yield chunk({ content: event.text });
        return yield chunk({}, "stop");
      case "refusal":
        yield chunk({ refusal: event.reason });
        return yield chunk({}, "stop");
    }
  }
}

/** A completion is the sum of its chunks. */
async function collect(chunks: AsyncIterable<ChatCompletionChunk>): Promise<ChatCompletion> {
  const message: ChatCompletion["choices"][0]["message"] = { role: "assistant", content: null, refusal: null };
  for await (const {
    id,
    created,
    model,
    choices: [{ delta, finish_reason }],
  } of chunks) {
    message.content = delta.content ?? message.content;
    message.refusal = delta.refusal ?? message.refusal;
    for (const {
      id: callId,
      function: { name, arguments: text },
    } of delta.tool_calls ?? []) {
      if (callId !== undefined)
        message.tool_calls = [{ id: callId, type: "function", function: { name: name!, arguments: text } }];
      else message.tool_calls![0]!.function.arguments += text;
    }
    if (finish_reason)
      return {
        id,
        object: "chat.completion",
        created,
        model,
        choices: [{ index: 0, message, logprobs: null, finish_reason }],
      };
  }
  throw new Error("unreachable: the last chunk has a finish_reason");
}
