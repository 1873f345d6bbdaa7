/** From a few URLs to an engine that can be asked; runs in the worker. */
import { messageOf, ToolgenError, type ErrorCode } from "../core/errors.js";
import type { CacheMode, DeviceChoice } from "../core/types.js";
import { collect, download, here, openFile } from "../download/file.js";
import { isManifest } from "../download/manifest.js";
import type { Report } from "../download/meter.js";
import { openModel, type Model } from "../download/model.js";
import { start, type Modules } from "./modules.js";
import type { Device, Engine, WasmModule } from "./wasm.js";

export interface Files {
  /** A manifest when its path ends in `.json`, else a single file. */
  checkpoint: string;
  /** Without one it is the manifest's, if that names one. */
  adapter?: string | Uint8Array;
  /** Without one, the engine has no tools yet. */
  pack?: string | Uint8Array;
  modules: Modules;
  device: DeviceChoice;
}

interface Built {
  engine: Engine;
  checkpointBytes: number;
}

export interface Loaded extends Built {
  device: Device;
  /** Why the GPU was given up while loading. */
  reason?: string;
  /** Why the module is not the one with relaxed SIMD. */
  whyStrict?: string;
}

export interface LoadEngineOptions {
  cache?: CacheMode;
  stallMs?: number;
  shards?: Record<string, string>;
  signal?: AbortSignal;
}

export const GPU_FAILURES: readonly ErrorCode[] = ["gpu", "device_lost"];

export async function loadEngine(
  wasm: WasmModule,
  files: Files,
  report: Report,
  options: LoadEngineOptions = {},
): Promise<Loaded> {
  const [pack, whyStrict] = await Promise.all([readPack(files.pack, report), start(wasm, files.modules)]);
  const device = await wasm.Device.open(files.device);
  const place = { wasm, device, pack };
  try {
    return { ...(await loadModel(place, files, report, options)), device, whyStrict };
  } catch (error) {
    device.free();
    // A GPU may pass its check and still have no room for the model.
    if (files.device !== "auto" || !GPU_FAILURES.includes((error as ToolgenError).code)) throw error;
    const loaded = await loadEngine(wasm, { ...files, pack, device: "cpu" }, report, options);
    return { ...loaded, reason: messageOf(error) };
  }
}

/** What a model becomes an engine with. */
interface Place {
  wasm: WasmModule;
  device: Device;
  pack?: Uint8Array;
}

/** What files that are damaged, or of another release than this module or than each other, fail with. */
const REFUSED_CHECKPOINT: readonly ErrorCode[] = ["gguf", "checkpoint", "tokenizer", "base_mismatch"];
const REFUSED_ADAPTER: readonly ErrorCode[] = ["adapter", "base_mismatch"];

/** What was kept may be of an older release: then the network has the last word, once for each file. */
async function loadModel(place: Place, files: Files, report: Report, options: LoadEngineOptions): Promise<Built> {
  let { cache = "prefer" } = options;
  let adapterCache = cache;
  for (;;) {
    const { checkpoint, adapter } = await openFiles(files, report, { ...options, cache }, adapterCache);
    try {
      return await build(place, { checkpoint, adapter });
    } catch (error) {
      const { code } = error as ToolgenError;
      // An adapter is small and another one in each release, its base hardly ever: it is fetched again first.
      if (files.adapter && adapter?.cached && REFUSED_ADAPTER.includes(code)) adapterCache = "reload";
      // The manifest's adapter is stored with its checkpoint.
      else if (checkpoint.cached && (REFUSED_CHECKPOINT.includes(code) || (code === "adapter" && !files.adapter)))
        cache = "reload";
      else throw error;
    }
  }
}

async function openFiles(
  { checkpoint, adapter }: Files,
  report: Report,
  options: LoadEngineOptions & { cache: CacheMode },
  adapterCache: CacheMode,
): Promise<Model> {
  const [model, own] = await Promise.all([
    options.shards || isManifest(checkpoint)
      ? openModel(checkpoint, report, { ...options, adapter: !adapter })
      : openFile("checkpoint", checkpoint, report, options.cache).then((file): Model => ({ checkpoint: file })),
    typeof adapter === "string" ? openFile("adapter", adapter, report, adapterCache) : adapter && here(adapter),
  ]);
  return own ? { ...model, adapter: own } : model;
}

async function readPack(pack: string | Uint8Array | undefined, report: Report): Promise<Uint8Array | undefined> {
  return typeof pack === "string" ? collect(await download("pack", pack, report)) : pack;
}

/** Keeps what was fetched, if it becomes an engine. */
async function build(place: Place, model: Model): Promise<Built> {
  const copies = [model.adapter?.copy, model.checkpoint.copy];
  try {
    const built = await assemble(place, model);
    await Promise.all(copies.map((copy) => copy?.commit()));
    return built;
  } catch (error) {
    for (const copy of copies) copy?.abort();
    throw error;
  }
}

async function assemble({ wasm, device, pack }: Place, { checkpoint, adapter }: Model): Promise<Built> {
  const adapterBytes = adapter && (await collect(adapter));
  // The reader has to know the length, so a file of unknown length is collected first.
  const whole = checkpoint.total === undefined ? await collect(checkpoint) : undefined;
  const checkpointBytes = whole?.byteLength ?? checkpoint.total!;
  const reader = new wasm.CheckpointReader(checkpointBytes, device);
  try {
    // Before the checkpoint is there: a broken adapter is not worth waiting for.
    if (adapterBytes) reader.adapt(adapterBytes);
    for await (const chunk of whole ? [whole] : checkpoint.chunks) reader.push(chunk);
  } catch (error) {
    reader.free();
    // Lets go of the storage where no chunk was taken.
    await checkpoint.chunks.return();
    throw error;
  }
  const engine = await reader.finish();
  try {
    if (pack) engine.load_pack(pack);
  } catch (error) {
    engine.free();
    throw error;
  }
  return { engine, checkpointBytes };
}
