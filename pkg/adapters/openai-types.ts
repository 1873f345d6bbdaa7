/**
 * Chat completions as OpenAI's API has them, as far as this model produces and reads them.
 * They are declared here so that the `openai` package need not be installed; a type test holds
 * them to it.
 */

/** Without effect on a model that is greedy, makes at most one call and writes no text of its own. */
export const IGNORED = [
  "model",
  "frequency_penalty",
  "max_completion_tokens",
  "max_tokens",
  "metadata",
  "parallel_tool_calls",
  "prediction",
  "presence_penalty",
  "prompt_cache_key",
  "prompt_cache_options",
  "prompt_cache_retention",
  "reasoning_effort",
  "safety_identifier",
  "seed",
  "service_tier",
  "store",
  "stream_options",
  "temperature",
  "top_p",
  "user",
  "verbosity",
] as const;

/** Parameters that ask for something this model can't do, with the values that ask for nothing. */
export const REFUSED = {
  audio: [],
  function_call: [],
  functions: [],
  logit_bias: [],
  logprobs: [false],
  modalities: ["text"],
  moderation: [],
  n: [1],
  response_format: ["text"],
  stop: [],
  top_logprobs: [0],
  web_search_options: [],
} as const satisfies Record<string, readonly unknown[]>;

interface ContentPart {
  type: string;
  text?: string;
}

export interface ChatMessage {
  role: "developer" | "system" | "user" | "assistant" | "tool" | "function";
  content?: string | readonly ContentPart[] | null;
  name?: string;
  refusal?: string | null;
  tool_calls?: readonly { id: string }[];
  /** Of a `tool` message: the call that it answers. */
  tool_call_id?: string;
}

export interface ChatTool {
  type: "function" | "custom";
  /** Only the name counts: the pack has the description and the schema. */
  function?: { name: string; description?: string; parameters?: unknown; strict?: boolean | null };
}

export type ChatToolChoice =
  | "none"
  | "auto"
  | "required"
  | { type: "function"; function: { name: string } }
  | {
      type: "allowed_tools";
      allowed_tools: { mode: "auto" | "required"; tools: readonly { [key: string]: unknown }[] };
    }
  /** Refused: custom tools are not supported. */
  | { type: "custom" };

export type ChatCompletionRequest = {
  messages: readonly ChatMessage[];
  tools?: readonly ChatTool[];
  tool_choice?: ChatToolChoice;
  stream?: boolean | null;
} & { [parameter in (typeof IGNORED)[number] | keyof typeof REFUSED]?: unknown };

export interface ChatToolCall {
  id: string;
  type: "function";
  /** `arguments` is JSON. */
  function: { name: string; arguments: string };
}

export interface ChatCompletion {
  id: string;
  object: "chat.completion";
  /** Seconds since 1970. */
  created: number;
  model: string;
  choices: [
    {
      index: 0;
      message: { role: "assistant"; content: string | null; refusal: string | null; tool_calls?: ChatToolCall[] };
      logprobs: null;
      finish_reason: "tool_calls" | "stop";
    },
  ];
}

export interface ChatDelta {
  role?: "assistant";
  content?: string | null;
  refusal?: string | null;
  tool_calls?: { index: 0; id?: string; type?: "function"; function: { name?: string; arguments: string } }[];
}

export interface ChatCompletionChunk {
  id: string;
  object: "chat.completion.chunk";
  /** Seconds since 1970. */
  created: number;
  model: string;
  choices: [{ index: 0; delta: ChatDelta; logprobs: null; finish_reason: "tool_calls" | "stop" | null }];
}
