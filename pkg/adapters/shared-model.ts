/** A model that components share: loaded for the first that subscribes, disposed of after the last. */
import { messageOf } from "../core/errors.js";
import type { Progress } from "../core/types.js";

/** Loads a model, such as `(options) => load({ checkpoint, pack, ...options })`. */
export type LoadModel<M> = (options: { signal: AbortSignal; onProgress: (progress: Progress) => void }) => Promise<M>;

export type ModelState<M> =
  | { status: "idle"; progress?: undefined; toolgen?: undefined }
  /** `progress` is that of the file being read; absent until the first bytes. */
  | { status: "loading"; progress?: Progress; toolgen?: undefined }
  | { status: "ready"; progress?: undefined; toolgen: M }
  | { status: "error"; error: Error; progress?: undefined; toolgen?: undefined };

export const IDLE = Object.freeze({ status: "idle" });

export class SharedModel<M extends { dispose?(): void }> {
  readonly #load: LoadModel<M>;
  readonly #listeners = new Set<() => void>();
  #state: ModelState<M> = IDLE;
  #loading?: AbortController;

  constructor(load: LoadModel<M>) {
    this.#load = load;
  }

  readonly state = (): ModelState<M> => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    // A listener may be given twice; each subscription is its own.
    const own = () => listener();
    this.#listeners.add(own);
    if (this.#state.status === "idle") void this.#begin();
    return () => {
      this.#listeners.delete(own);
      // StrictMode, and a list that is reordered, unmount and mount again at once.
      setTimeout(() => this.#listeners.size === 0 && this.#release());
    };
  };

  /** Loads again after an error. */
  readonly retry = (): void => {
    if (this.#state.status === "error") void this.#begin();
  };

  async #begin(): Promise<void> {
    const loading = new AbortController();
    this.#loading = loading;
    const current = () => this.#loading === loading && !loading.signal.aborted;
    this.#set({ status: "loading" });
    try {
      const onProgress = (progress: Progress) => {
        if (current() && this.#state.status === "loading") this.#set({ status: "loading", progress });
      };
      const toolgen = await this.#load({ signal: loading.signal, onProgress });
      if (current()) this.#set({ status: "ready", toolgen });
      else toolgen.dispose?.();
    } catch (error) {
      if (current()) this.#set({ status: "error", error: errorOf(error) });
    }
  }

  #release(): void {
    const { toolgen } = this.#state;
    this.#loading?.abort();
    this.#state = IDLE;
    toolgen?.dispose?.();
  }

  #set(state: ModelState<M>): void {
    this.#state = state;
    for (const listener of [...this.#listeners]) listener();
  }
}

/** What was thrown, as an Error. */
export function errorOf(error: unknown): Error {
  return error instanceof Error ? error : new Error(messageOf(error), { cause: error });
}
