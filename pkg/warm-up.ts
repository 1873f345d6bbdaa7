/** The first question waits for what is made on demand: kernels, grammars, pages of memory. */
import { read } from "./util/options.js";
import type { StreamEvent, Token, Tool } from "./core/types.js";

/** The part of `Toolgen` that is used. */
export interface Warmed {
  readonly tools: readonly Tool[];
  callEvents(query: string, options?: { signal?: AbortSignal }): AsyncIterable<StreamEvent>;
  complete(prompt: string, options?: { maxTokens?: number; signal?: AbortSignal }): AsyncIterable<Token>;
}

/**
 * Has the model do once what a question does; nothing is carried out. Questions that are asked meanwhile wait, so give a
 * signal, and abort it when someone asks.
 */
export async function warmUp(toolgen: Warmed, given?: { signal?: AbortSignal }): Promise<void> {
  const { signal } = read(given);
  const [tool] = toolgen.tools;
  // A tool's own words lead to it: so its arguments are written, too.
  const work = tool
    ? toolgen.callEvents(tool.description, { signal })
    : toolgen.complete("Hello", { maxTokens: 1, signal });
  for await (const _ of work);
}
