/** From three URLs to an engine that can be asked; runs in the worker. */
import { CacheWriter, collect, download, fromCache, type Download } from "./download/file.js";
import { isManifest } from "./download/manifest.js";
import type { Report } from "./download/meter.js";
import { openModel } from "./download/model.js";
import type { Engine, WasmModule } from "./engine.js";
import { messageOf, ToolgenError } from "./errors.js";
import type { CacheMode } from "./types.js";

export interface Files {
  /** A manifest when its path ends in `.json`, else a single file. */
  checkpoint: string;
  /** Without one, the engine has no tools yet. */
  pack?: string | Uint8Array;
  wasm: URL;
}

export interface Loaded {
  engine: Engine;
  checkpointBytes: number;
}

export interface LoadEngineOptions {
  cache?: CacheMode;
  stallMs?: number;
  shards?: Record<string, string>;
  signal?: AbortSignal;
}

export async function loadEngine(wasm: WasmModule, files: Files, report: Report, options: LoadEngineOptions = {}): Promise<Loaded> {
  const [pack] = await Promise.all([readPack(files.pack, report), initialise(wasm, files.wasm)]);
  return isManifest(files.checkpoint)
    ? loadModel(wasm, files.checkpoint, pack, report, options)
    : loadFile(wasm, files.checkpoint, pack, report, options);
}

async function loadModel(wasm: WasmModule, url: string, pack: Uint8Array | undefined, report: Report, options: LoadEngineOptions): Promise<Loaded> {
  const model = await openModel(url, report, options);
  try {
    return await build(wasm, model, pack);
  } catch (error) {
    if (!model.cached || !mayBeOlder(error)) throw error;
  }
  return build(wasm, await openModel(url, report, { ...options, cache: "reload" }), pack);
}

async function loadFile(wasm: WasmModule, url: string, pack: Uint8Array | undefined, report: Report, { cache = "prefer" }: LoadEngineOptions): Promise<Loaded> {
  const kept = cache === "prefer" ? await fromCache("checkpoint", url, report) : undefined;
  if (kept) {
    try {
      return await build(wasm, kept, pack);
    } catch (error) {
      if (!mayBeOlder(error)) throw error;
    }
  }
  const file = await download("checkpoint", url, report);
  // Only a file of known length is kept: it can be streamed again.
  const copy = file.total === undefined || cache === "none" ? undefined : await CacheWriter.open(url, file.total);
  try {
    const loaded = await build(wasm, file, pack, copy);
    await copy?.commit();
    return loaded;
  } catch (error) {
    copy?.abort();
    throw error;
  }
}

/** What was kept may be damaged or of an older release: then the network has the last word. */
function mayBeOlder(error: unknown): boolean {
  return ["gguf", "base_mismatch"].includes((error as ToolgenError).code);
}

async function initialise(wasm: WasmModule, url: URL): Promise<void> {
  try {
    await wasm.default({ module_or_path: url });
  } catch (cause) {
    const hint = "Is the file there, and does the Content-Security-Policy allow 'wasm-unsafe-eval'?";
    throw new ToolgenError("wasm", `The module ${url} could not be started (${messageOf(cause)}). ${hint}`);
  }
}

async function readPack(pack: string | Uint8Array | undefined, report: Report): Promise<Uint8Array | undefined> {
  return typeof pack === "string" ? collect(await download("pack", pack, report)) : pack;
}

async function build(wasm: WasmModule, file: Download, pack: Uint8Array | undefined, copy?: CacheWriter): Promise<Loaded> {
  // The reader has to know the length, so a file of unknown length is collected first.
  const whole = file.total === undefined ? await collect(file) : undefined;
  const checkpointBytes = whole?.byteLength ?? file.total!;
  const reader = new wasm.CheckpointReader(checkpointBytes);
  try {
    for await (const chunk of whole ? [whole] : file.chunks) {
      reader.push(chunk);
      await copy?.write(chunk);
    }
  } catch (error) {
    reader.free();
    throw error;
  }
  const engine = reader.finish();
  try {
    if (pack) engine.load_pack(pack);
  } catch (error) {
    engine.free();
    throw error;
  }
  return { engine, checkpointBytes };
}
