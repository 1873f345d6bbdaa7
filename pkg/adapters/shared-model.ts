/** A model that components share: loaded for the first that subscribes, disposed of after the last. */
import { messageOf } from "../core/errors.js";
import type { Progress } from "../core/types.js";
import type { RowProgress } from "../protocol.js";

/**
 * Loads a model, such as `(options) => load({ checkpoint, pack, ...options })`; the same options go to `register()` for
 * tools that are there when it is ready.
 */
export type LoadModel<M> = (options: {
  signal: AbortSignal;
  onProgress: (progress: Progress | RowProgress) => void;
}) => Promise<M>;

export type ModelState<M> =
  | { status: "idle"; progress?: undefined; rows?: undefined; toolgen?: undefined }
  /**
   * `progress` is that of the file that was read last; absent until the first bytes. `rows` are those of tools that are
   * registered.
   */
  | { status: "loading"; progress?: Progress; rows?: RowProgress; toolgen?: undefined }
  | { status: "ready"; progress?: undefined; rows?: undefined; toolgen: M }
  | { status: "error"; error: Error; progress?: undefined; rows?: undefined; toolgen?: undefined };

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
      const onProgress = (report: Progress | RowProgress) => {
        if (!current() || this.#state.status !== "loading") return;
        this.#set({ ...this.#state, ...("file" in report ? { progress: report } : { rows: report }) });
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
