/** The worker's side of the registry: rows are made, kept and changed, one document at a time. */
import { messageOf } from "../core/errors.js";
import type { Tool } from "../core/types.js";
import type { Answers, Problem, Registered, RowProgress, Task } from "../protocol.js";
import { RowCache } from "./row-cache.js";
import type { Engine, WasmModule } from "./wasm.js";

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
): Promise<Answers[Task["type"]] | undefined> {
  switch (task.type) {
    case "register":
      return register(engine, task, pacing);
    case "unregister":
      engine.remove_tools(task.names);
      return engine.tools();
    case "conflicts":
      return engine.similar(undefined, task.minSimilarity);
    case "teach": {
      const examples: unknown[] = [];
      for (const { query, tool } of task.examples) {
        if (!(await pacing.yieldToMessages())) return undefined;
        examples.push({ tool, ...(await engine.example(query)) });
        pacing.report({ done: examples.length, total: task.examples.length, cached: 0 });
      }
      if (examples.length > 0) engine.teach(examples);
      return null;
    }
    case "export":
      return engine.pack_bytes();
    case "openapi":
      return wasm.import_openapi(task.document, task.baseUrl);
  }
}

async function register(
  engine: Engine,
  { tools, minSimilarity }: Extract<Task, { type: "register" }>,
  pacing: Pacing,
): Promise<Registered | undefined> {
  const skipped: Problem[] = [];
  const accepted: Tool[] = [];
  const rows: Float32Array[] = [];
  let cached = 0;
  const cache = await RowCache.open();
  try {
    for (const [index, document] of tools.entries()) {
      if (!(await pacing.yieldToMessages())) return undefined;
      try {
        const tool = engine.usable(document);
        const key = engine.document_key(tool);
        let row = await cache.get(key);
        if (row) cached += 1;
        else await cache.put(key, (row = await engine.document_row(tool)));
        accepted.push(tool);
        rows.push(row);
      } catch (error) {
        const { code } = error as { code?: unknown };
        if (code !== "schema") throw error;
        skipped.push({ name: document.name, code, message: messageOf(error) });
      }
      pacing.report({ done: index + 1, total: tools.length, cached });
    }
  } finally {
    cache.close();
  }
  if (!(await pacing.yieldToMessages())) return undefined;
  const added = accepted.map(({ name }) => name);
  if (added.length > 0) engine.add_tools(accepted, concat(rows));
  return {
    tools: engine.tools(),
    added,
    skipped,
    conflicts: added.length > 0 ? engine.similar(added, minSimilarity) : [],
  };
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
