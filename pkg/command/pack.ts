/** `toolgen pack`: tools with their rows in a file, as `register()` and `exportPack()` make it in a page. */
import { mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { messageOf, ToolgenError } from "../core/errors.js";
import type { Example, Tool } from "../core/types.js";
import type { Problem, Registered, RowProgress, Task } from "../protocol.js";
import { start, type Modules } from "../worker/modules.js";
import { perform, type Pacing } from "../worker/registry.js";
import type { WasmModule } from "../worker/wasm.js";
import { loadModel, type ModelFiles } from "./model.js";
import { readTools, type Source } from "./read-tools.js";
import { RowFiles } from "./row-files.js";
import type { Terminal } from "./terminal.js";
import { warningsOf } from "./warnings.js";
import { writeWhole } from "./write-whole.js";

export interface PackOptions extends ModelFiles {
  /** Files of tools. */
  inputs: string[];
  out: string;
  /** Of OpenAPI documents, as `fromOpenApi()` takes them. */
  baseUrl?: string;
  fixed?: Record<string, string>;
}

/** Where the model computes, and who is told. */
export interface Place {
  module: WasmModule;
  modules: Modules;
  terminal: Terminal;
}

/** Where tools for build put what they keep. */
const CACHE = "node_modules/.cache/toolgen/rows";
/** As `register()` has it. */
const MIN_SIMILARITY = 0.9;

export async function pack(options: PackOptions, place: Place): Promise<void> {
  const { out } = options;
  const { module, modules, terminal } = place;
  const sources: Source[] = [];
  for (const file of options.inputs) sources.push(await readTools(file));
  await start(module, modules);
  const { tools, examples } = together(sources.map((source) => partsOf(source, options, place)));
  terminal.progress(`Reading the model ${options.model}…`);
  const engine = await loadModel(module, options);
  const pacing = (what: string): Pacing => ({
    // Signals arrive in between.
    yieldToMessages: () => new Promise((resolve) => setImmediate(() => resolve(true))),
    report: (progress) => terminal.progress(shown(progress, what)),
  });
  const task: Task = { type: "register", tools, conflictsFrom: MIN_SIMILARITY };
  const rows = new RowFiles(CACHE);
  const registered = (await perform(engine, module, task, pacing("tools"), async () => rows)) as Registered;
  for (const warning of warningsOf(registered)) terminal.warn(warning);
  const { length } = registered.added;
  if (length === 0) throw new ToolgenError("bad_tool", `No tool is left, so ${out} is not written.`);
  const names = new Set(registered.added.map(({ name }) => name));
  const lessons = examples.filter(({ tool }) => names.has(tool!));
  if (lessons.length > 0) await perform(engine, module, { type: "teach", examples: lessons }, pacing("examples"));
  const bytes = engine.pack_bytes();
  const state = write(out, bytes) ? "" : " is up to date";
  const size = `${counted(length, "tool")}, ${Math.ceil(bytes.length / 1000)} kB`;
  const work = `${counted(length - rows.found, "row")} computed, ${rows.found} kept from before`;
  terminal.say(`${out}${state}: ${size}; ${work}.`);
}

interface Parts {
  file: string;
  tools: Tool[];
  examples: Example[];
}

function partsOf(source: Source, { baseUrl, fixed }: PackOptions, { module, terminal }: Place): Parts {
  const { file } = source;
  if ("documents" in source) return { file, ...source.documents };
  try {
    const { tools, narrowed, skipped } = module.import_openapi(source.openApi, baseUrl, fixed);
    const problems = skipped.map(({ path, reason }): Problem => ({ name: path, code: "openapi", message: reason }));
    for (const warning of warningsOf({ narrowed, skipped: problems })) terminal.warn(`${file}: ${warning}`);
    return { file, tools, examples: [] };
  } catch (cause) {
    throw new ToolgenError("openapi", `${file}: ${messageOf(cause)}`, { cause });
  }
}

/** Throws `bad_tool` where two files have a tool of the same name. */
function together(parts: readonly Parts[]): Omit<Parts, "file"> {
  const files = new Map<string, string>();
  for (const { file, tools } of parts) {
    for (const { name } of tools) {
      if (files.has(name))
        throw new ToolgenError("bad_tool", `${file}: ${files.get(name)} has a tool ${name}, too. Rename one of them.`);
      files.set(name, file);
    }
  }
  return { tools: parts.flatMap(({ tools }) => tools), examples: parts.flatMap(({ examples }) => examples) };
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function shown({ done, total, remainingMs }: RowProgress, what: string): string {
  const seconds = Math.ceil((remainingMs ?? 0) / 1000);
  const left = seconds > 90 ? `, ${Math.ceil(seconds / 60)} min left` : seconds > 0 ? `, ${seconds} s left` : "";
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
