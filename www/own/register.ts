/** Tools are registered a few at a time, so that the first can be asked for while the others' rows are made. */
import { ToolgenError, type Conflict, type Narrowed, type Problem, type ToolDefinition, type Toolgen } from "toolgen";

const AT_ONCE = 4;

export interface Progress {
  done: number;
  total: number;
  /** Once a row was computed. */
  remainingMs?: number;
}

export interface Registered {
  added: string[];
  narrowed: Narrowed[];
  skipped: Problem[];
  conflicts: Conflict[];
  /** The visitor stopped it; what was added stays. */
  cancelled: boolean;
}

export interface Options {
  signal: AbortSignal;
  onProgress(progress: Progress): void;
  /** These can be called from now on. */
  onAdded?(names: readonly string[]): void;
  now?: () => number;
}

export async function registerInTurn(
  toolgen: Pick<Toolgen, "register">,
  tools: readonly ToolDefinition[],
  { signal, onProgress, onAdded, now = () => performance.now() }: Options,
): Promise<Registered> {
  const all: Registered = { added: [], narrowed: [], skipped: [], conflicts: [], cancelled: false };
  const began = now();
  /** Stored rows take no time, and say nothing of the others'. */
  let stored = 0;
  const report = (done: number, cached: number) => {
    const computed = done - cached;
    const each = computed > 0 ? (now() - began) / computed : undefined;
    onProgress({ done, total: tools.length, remainingMs: each && each * (tools.length - done) });
  };
  const batches = Array.from({ length: Math.ceil(tools.length / AT_ONCE) }, (_, i) =>
    tools.slice(i * AT_ONCE, (i + 1) * AT_ONCE),
  );
  let at = 0;
  for (let batch; (batch = batches.shift()); ) {
    try {
      let cached = 0;
      const { added, narrowed, skipped, conflicts } = await toolgen.register(batch, {
        signal,
        onProgress(progress) {
          ({ cached } = progress);
          report(at + progress.done, stored + cached);
        },
      });
      stored += cached;
      all.added.push(...added);
      onAdded?.(added);
      all.narrowed.push(...narrowed);
      all.skipped.push(...skipped);
      all.conflicts.push(...conflicts);
    } catch (error) {
      if (signal.aborted) return { ...all, cancelled: true };
      if (!(error instanceof ToolgenError && error.code === "bad_tool")) throw error;
      // One of them is at fault, and the others can be used.
      if (batch.length > 1) {
        batches.unshift(...batch.map((tool) => [tool]));
        continue;
      }
      const { code, message } = error;
      all.skipped.push({ name: batch[0]!.name, code, message });
    }
    at += batch.length;
  }
  return all;
}

/** Tools under names that none has yet: one of the page's would be replaced. */
export function withFreeNames(
  tools: readonly ToolDefinition[],
  taken: ReadonlySet<string>,
  source: string,
): ToolDefinition[] {
  const prefix =
    source
      .replace(/[^A-Za-z0-9]+/g, "_")
      .replace(/^_|_$/g, "")
      .toLowerCase()
      .slice(0, 40) || "own";
  const used = new Set([...taken, ...tools.map(({ name }) => name)]);
  return tools.map((tool) => {
    if (!taken.has(tool.name)) return tool;
    for (let number = 1; ; number++) {
      const name = `${prefix}${number === 1 ? "" : number}_${tool.name}`.slice(0, 128);
      if (used.has(name)) continue;
      used.add(name);
      return { ...tool, name };
    }
  });
}
