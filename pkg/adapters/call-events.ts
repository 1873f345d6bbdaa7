import type { StreamEvent, ToolCall } from "../core/types.js";
import type { CallOptions, ToolModel } from "./model.js";

/** The model's events, and what it came to. */
export type CallEvent = StreamEvent | { type: "result"; call: ToolCall | null };

/** `model.call()` as an iterator. Leaving the loop early, like the signal, cancels the call. */
export async function* callEvents(model: Pick<ToolModel, "call">, query: string, { signal, ...options }: CallOptions): AsyncGenerator<CallEvent, void, void> {
  signal?.throwIfAborted();
  const events: StreamEvent[] = [];
  const stop = new AbortController();
  let wake = () => {};
  let ended = false;
  const abort = () => {
    stop.abort(signal!.reason);
    wake();
  };
  signal?.addEventListener("abort", abort, { once: true });
  const onEvent = (event: StreamEvent) => {
    events.push(event);
    wake();
  };
  const answer = (async () => model.call(query, { ...options, signal: stop.signal, onEvent }))();
  const settled = answer.catch(() => {}).then(() => {
    ended = true;
  });
  try {
    for (;;) {
      // A model may be slow to notice the signal; nobody waits for it here.
      stop.signal.throwIfAborted();
      if (events.length > 0) yield events.shift()!;
      else if (ended) break;
      else await Promise.race([settled, new Promise<void>((resolve) => (wake = resolve))]);
    }
    const call = await answer;
    yield { type: "result", call: call && { name: call.name, arguments: call.arguments } };
  } finally {
    signal?.removeEventListener("abort", abort);
    if (!ended) stop.abort();
  }
}
