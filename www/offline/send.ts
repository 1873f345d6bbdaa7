/** How a run's requests are sent: stored replies take the place of servers that aren't there. */
import type { ToolCall } from "toolgen";

export interface Replies {
  /** For a tool that has no server, only stored replies. */
  instead?: unknown;
  /** For a call that can't be sent. */
  offline?: unknown;
}

export interface Replying {
  /** The call that a request is sent for. */
  call(): ToolCall | undefined;
  repliesTo(call: ToolCall): Replies;
  /** A stored reply is the answer, since the server can't be reached: the person is told. */
  isOffline(): void;
}

type Fetch = typeof globalThis.fetch;

/** `send`, but for what has a stored reply and no server. */
export function orStored(
  send: Fetch,
  { call, repliesTo, isOffline }: Replying,
  isOnline = () => navigator.onLine,
): Fetch {
  return async (input, init) => {
    const made = call();
    const { instead, offline } = made ? repliesTo(made) : {};
    if (instead !== undefined) return Response.json(instead);
    try {
      if (offline === undefined || isOnline()) return await send(input, init);
    } catch (error) {
      // Browsers call a network without internet online: what can't be reached throws a TypeError.
      if (offline === undefined || !(error instanceof TypeError)) throw error;
    }
    isOffline();
    return Response.json(offline);
  };
}
