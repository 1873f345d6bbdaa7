/** `toolgen pack`: tools with their rows in a file, as `register()` and `exportPack()` make it in a page. */
import { mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { messageOf, ToolgenError } from "../core/errors.js";
import type { Conflict, Example, Tool } from "../core/types.js";
import type { Narrowed, Problem, Registered, RowProgress } from "../protocol.js";
import { start, type Modules } from "../worker/modules.js";
import { perform, type Pacing } from "../worker/registry.js";
import type { WasmModule } from "../worker/wasm.js";
import { loadModel } from "./model.js";
import { readTools, type Source } from "./read-tools.js";
import { RowFiles } from "./row-files.js";
import type { Terminal } from "./terminal.js";
import { writeWhole } from "./write-whole.js";

export interface PackOptions {
  inputs: string[];
  out: string;
  model: string;
  adapter?: string;
  baseUrl?: string;
  fixed?: Record<string, string>;
}

interface Place {
  module: WasmModule;
  modules: Modules;
  terminal: Terminal;
}

const CACHE = "node_modules/.cache/toolgen/rows";
/** As `register()` has it. */
const MIN_SIMILARITY = 0.9;

export async function pack(options: PackOptions, { module, modules, terminal }: Place): Promise<void> {
  const { inputs, out } = options;
  const sources: Source[] = [];
  for (const file of inputs) sources.push(await readTools(file));
  await start(module, modules);
  const { tools, examples } = collect(sources.map((source) => read(source, module, options, terminal)));
  terminal.progress(`Reading the model ${options.model}…`);
  const engine = await loadModel(module, options);
  let last: RowProgress | undefined;
  const pacing = (what: string): Pacing => ({
    // Signals arrive between two rows.
    yieldToMessages: () => new Promise((resolve) => setImmediate(() => resolve(true))),
    report: (progress) => terminal.progress(shown(what, (last = progress))),
  });
  const rows = async () => new RowFiles(CACHE);
  const task = { type: "register", tools, conflictsFrom: MIN_SIMILARITY } as const;
  const registered = (await perform(engine, module, task, pacing("tools"), rows)) as Registered;
  const { cached = 0 } = last ?? {};
  const names = new Set(registered.added.map(({ name }) => name));
  if (names.size === 0) throw new ToolgenError("bad_tool", `No tool is left for ${out}.\n${warnings(registered)}`);
  const lessons = examples.filter(({ tool }) => names.has(tool!));
  if (lessons.length > 0) await perform(engine, module, { type: "teach", examples: lessons }, pacing("examples"));
  const bytes = engine.pack_bytes();
  if (warnings(registered)) terminal.warn(warnings(registered));
  const isNew = write(out, bytes);
  const size = `${names.size} tools, ${Math.ceil(bytes.length / 1000)} kB`;
  const work = `${names.size - cached} rows computed, ${cached} kept from before`;
  terminal.say(`${out}${isNew ? "" : " is up to date"}: ${size}; ${work}.`);
}

interface Parts {
  file: string;
  tools: Tool[];
  examples: Example[];
}

function read(source: Source, wasm: WasmModule, { baseUrl, fixed }: PackOptions, terminal: Terminal): Parts {
  const { file } = source;
  if ("documents" in source) return { file, ...source.documents };
  try {
    const { tools, narrowed, skipped } = wasm.import_openapi(source.openApi, baseUrl, fixed);
    const problems = skipped.map(({ path, reason }): Problem => ({ name: path, code: "openapi", message: reason }));
    const text = warnings({ narrowed, skipped: problems });
    if (text) terminal.warn(text.replaceAll(/^/gm, `${file}: `));
    return { file, tools, examples: [] };
  } catch (error) {
    throw new ToolgenError("openapi", `${file}: ${messageOf(error)}`, { cause: error });
  }
}

/** One list. Throws `bad_tool` where two files have a tool of the same name. */
function collect(all: readonly Parts[]): Omit<Parts, "file"> {
  const files = new Map<string, string>();
  for (const { file, tools } of all)
    for (const { name } of tools) {
      const other = files.get(name);
      if (other !== undefined)
        throw new ToolgenError("bad_tool", `${file}: there is a tool ${name} in ${other}, too. Give it another name.`);
      files.set(name, file);
    }
  return { tools: all.flatMap(({ tools }) => tools), examples: all.flatMap(({ examples }) => examples) };
}

function warnings({
  narrowed,
  skipped,
  conflicts = [],
}: {
  narrowed: readonly Narrowed[];
  skipped: readonly Problem[];
  conflicts?: readonly Conflict[];
}): string {
  const percent = (similarity: number) => `${Math.round(100 * similarity)} %`;
  return [
    ...skipped.map(({ name, message }) => `${name} is left out: ${message}`),
    ...narrowed.map(({ name, leftOut }) => `${name} goes without a part of its schema: ${leftOut.join("; ")}`),
    ...conflicts.map(
      ({ tools: [a, b], similarity }) =>
        `${a} and ${b} may be confused (${percent(similarity)} alike): say in their descriptions how they differ`,
    ),
  ].join("\n");
}

function shown(what: string, { done, total, remainingMs }: RowProgress): string {
  const left = remainingMs === undefined || done === total ? "" : `, ${Math.ceil(remainingMs / 1000)} s left`;
  return `${done} of ${total} ${what}${left}`;
}

/** False where the same is there already: who watches the file is not woken. */
function write(file: string, bytes: Uint8Array): boolean {
  try {
    if (readFileSync(file).equals(bytes)) return false;
  } catch {
    // There is none yet.
  }
  mkdirSync(dirname(file), { recursive: true });
  writeWhole(file, bytes);
  return true;
}
