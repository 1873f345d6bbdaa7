/** The worker's side of the registry: rows are made, kept and changed, one document at a time. */
import { messageOf } from "../core/errors.js";
import type { Tool } from "../core/types.js";
import type { Answers, Problem, Registered, RowProgress, Task } from "../protocol.js";
import { RowCache, type RowStore } from "./row-cache.js";
import type { Engine, PreparedTool, WasmModule } from "./wasm.js";

export interface Pacing {
  /** Lets messages in that have arrived; false when the task was cancelled. */
  yieldToMessages(): Promise<boolean>;
  report(progress: RowProgress): void;
}

/** Does the task; undefined when it was cancelled. Then nothing has changed. */
export async function perform(
  engine: Engine,
  wasm: WasmModule,
  task: Task,
  pacing: Pacing,
  openRows: () => Promise<RowStore> = RowCache.open,
): Promise<Answers[Task["type"]] | undefined> {
  switch (task.type) {
    case "register":
      return register(engine, task, pacing, await openRows());
    case "unregister":
      engine.remove_tools(task.names);
      return null;
    case "conflicts":
      return engine.similar(undefined, task.from);
    case "teach": {
      const examples: unknown[] = [];
      const pace = new Pace(task.examples.length);
      for (const { query, tool } of task.examples) {
        if (!(await pacing.yieldToMessages())) return undefined;
        examples.push({ tool, ...(await pace.timed(engine.example(query))) });
        pacing.report(pace.progress(examples.length, 0));
      }
      if (examples.length > 0) engine.teach(examples);
      return null;
    }
    case "export":
      return engine.pack_bytes();
    case "openapi":
      return wasm.import_openapi(task.document, task.baseUrl, task.fixed);
  }
}

async function register(
  engine: Engine,
  { tools, conflictsFrom }: Extract<Task, { type: "register" }>,
  pacing: Pacing,
  cache: RowStore,
): Promise<Registered | undefined> {
  const skipped: Problem[] = [];
  const prepared: PreparedTool[] = [];
  const kept: PreparedTool[] = [];
  const added: Tool[] = [];
  const rows: Float32Array[] = [];
  let cached = 0;
  const pace = new Pace(tools.length);
  try {
    for (const [index, document] of tools.entries()) {
      if (!(await pacing.yieldToMessages())) return undefined;
      const tool = prepare(engine, document, skipped);
      if (tool && engine.has_row(tool)) {
        kept.push(tool);
        cached += 1;
      } else if (tool) {
        prepared.push(tool);
        const key = engine.document_key(tool);
        let row = await cache.get(key);
        if (row) cached += 1;
        else await cache.put(key, (row = await pace.timed(engine.document_row(tool))));
        rows.push(row);
      }
      if (tool) added.push(tool.tool);
      pacing.report(pace.progress(index + 1, cached));
    }
    if (!(await pacing.yieldToMessages())) return undefined;
    const narrowed = [...kept, ...prepared]
      .map(({ tool: { name }, left_out: leftOut }) => ({ name, leftOut }))
      .filter(({ leftOut }) => leftOut.length > 0);
    if (added.length === 0) return { added, fresh: [], narrowed, skipped, conflicts: [] };
    if (kept.length > 0) engine.update_tools(kept.splice(0));
    const fresh = prepared.map(({ tool }) => tool.name);
    if (prepared.length > 0) engine.add_tools(prepared.splice(0), concat(rows));
    const names = added.map(({ name }) => name);
    return { added, fresh, narrowed, skipped, conflicts: engine.similar(names, conflictsFrom) };
  } finally {
    cache.close();
    for (const tool of [...prepared, ...kept]) tool.free();
  }
}

/** How long rows take. */
class Pace {
  readonly #total: number;
  #computed = 0;
  #spentMs = 0;

  constructor(total: number) {
    this.#total = total;
  }

  async timed<T>(computing: Promise<T>): Promise<T> {
    const began = performance.now();
    const value = await computing;
    this.#spentMs += performance.now() - began;
    this.#computed += 1;
    return value;
  }

  progress(done: number, cached: number): RowProgress {
    const total = this.#total;
    if (this.#computed === 0) return { done, total, cached };
    return { done, total, cached, remainingMs: Math.round((this.#spentMs / this.#computed) * (total - done)) };
  }
}

/** A tool whose schema the grammar doesn't support goes to `skipped`. */
function prepare(engine: Engine, document: Tool, skipped: Problem[]): PreparedTool | undefined {
  try {
    return engine.prepare(document);
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code !== "schema") throw error;
    skipped.push({ name: document.name, code, message: messageOf(error) });
    return undefined;
  }
}

function concat(rows: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(rows.reduce((length, row) => length + row.length, 0));
  let at = 0;
  for (const row of rows) {
    all.set(row, at);
    at += row.length;
  }
  return all;
}
