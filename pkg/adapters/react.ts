"use client";
/** React hooks for loading a model and for running questions. On a server they are idle. */
import { useCallback, useEffect, useInsertionEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import type { Arguments } from "../core/types.js";
import type { RunOptions } from "../run.js";
import type { ToolModel } from "./model.js";
import { NO_RUN, Runner, type Answering, type RunState } from "./runner.js";
import { IDLE, SharedModel, type LoadModel, type ModelState } from "./shared-model.js";

export type { ToolModel } from "./model.js";
export type { Answering, RunState } from "./runner.js";
export type { LoadModel, ModelState } from "./shared-model.js";

export interface UseToolgenOptions {
  /** Nothing is loaded while this is false; true by default. */
  enabled?: boolean;
}

/** One model for each function that loads one. */
const models = new WeakMap<LoadModel<any>, SharedModel<any>>();
const subscribeToNothing = () => () => {};
const idle = () => IDLE;

/**
 * Loads a model when the component mounts. Components with the same `load` function share one model,
 * which is disposed of when the last of them is gone; loading is aborted then, too. `load` is that
 * of the first render, so it may be written inline; another `key` loads another model.
 */
export function useToolgen<M extends { dispose?(): void }>(
  load: LoadModel<M>,
  { enabled = true }: UseToolgenOptions = {},
): ModelState<M> & { retry(): void } {
  const [first] = useState(() => load);
  const shared = sharedBy(first);
  const state = useSyncExternalStore<ModelState<M>>(
    enabled ? shared.subscribe : subscribeToNothing,
    enabled ? shared.state : idle,
    idle,
  );
  return useMemo(() => ({ ...state, retry: shared.retry }), [state, shared]);
}

function sharedBy<M extends { dispose?(): void }>(load: LoadModel<M>): SharedModel<M> {
  let shared = models.get(load);
  if (!shared) models.set(load, (shared = new SharedModel(load)));
  return shared;
}

/**
 * Runs questions, one at a time: a new one ends the one before, unmounting ends it, too. With a `Conversation` in place
 * of the model, they follow on each other, and `answer` gives values for what was asked for. `run`, `answer` and `stop`
 * stay the same functions as long as the model does.
 */
export function useRun(toolgen: Answering | undefined): RunState & {
  run(query: string, options?: RunOptions): void;
  answer(values: Arguments, options?: RunOptions): void;
  stop(): void;
} {
  const [runner] = useState(() => new Runner());
  const state = useSyncExternalStore(runner.subscribe, runner.state, noRun);
  const gone = useRef(false);
  // The one effect that StrictMode doesn't repeat and that comes before those of children, which may run.
  useInsertionEffect(() => {
    gone.current = false;
    return () => {
      gone.current = true;
    };
  }, []);
  useEffect(() => runner.stop, [runner]);
  const run = useCallback(
    (query: string, options?: RunOptions) => {
      if (!gone.current) void runner.run(toolgen, query, options);
    },
    [runner, toolgen],
  );
  const answer = useCallback(
    (values: Arguments, options?: RunOptions) => {
      if (!gone.current) void runner.answer(toolgen, values, options);
    },
    [runner, toolgen],
  );
  return useMemo(() => ({ ...state, run, answer, stop: runner.stop }), [state, run, answer, runner]);
}

const noRun = () => NO_RUN;
