/** From three URLs to an engine that can be asked; runs in the worker. */
import { messageOf, ToolgenError, type ErrorCode } from "../core/errors.js";
import type { CacheMode, DeviceChoice } from "../core/types.js";
import { CacheWriter, collect, download, fromCache, type Download } from "../download/file.js";
import { isManifest } from "../download/manifest.js";
import type { Report } from "../download/meter.js";
import { openModel } from "../download/model.js";
import type { Device, Engine, WasmModule } from "./wasm.js";

export interface Files {
  /** A manifest when its path ends in `.json`, else a single file. */
  checkpoint: string;
  /** Without one, the engine has no tools yet. */
  pack?: string | Uint8Array;
  wasm: URL;
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
  const [pack] = await Promise.all([readPack(files.pack, report), initialise(wasm, files.wasm)]);
  const device = await wasm.Device.open(files.device);
  const place = { wasm, device, pack };
  try {
    const read = isManifest(files.checkpoint) ? loadModel : loadFile;
    return { ...(await read(place, files.checkpoint, report, options)), device };
  } catch (error) {
    device.free();
    // A GPU may pass its check and still have no room for the model.
    if (files.device !== "auto" || !GPU_FAILURES.includes((error as ToolgenError).code)) throw error;
    const loaded = await loadEngine(wasm, { ...files, pack, device: "cpu" }, report, options);
    return { ...loaded, reason: messageOf(error) };
  }
}

/** What a checkpoint becomes an engine with. */
interface Place {
  wasm: WasmModule;
  device: Device;
  pack?: Uint8Array;
}

async function loadModel(place: Place, url: string, report: Report, options: LoadEngineOptions): Promise<Built> {
  const model = await openModel(url, report, options);
  try {
    return await build(place, model);
  } catch (error) {
    if (!model.cached || !mayBeOlder(error)) throw error;
  }
  return build(place, await openModel(url, report, { ...options, cache: "reload" }));
}

async function loadFile(
  place: Place,
  url: string,
  report: Report,
  { cache = "prefer" }: LoadEngineOptions,
): Promise<Built> {
  const kept = cache === "prefer" ? await fromCache("checkpoint", url, report) : undefined;
  if (kept) {
    try {
      return await build(place, kept);
    } catch (error) {
      if (!mayBeOlder(error)) throw error;
    }
  }
  const file = await download("checkpoint", url, report);
  // Only a file of known length is kept: it can be streamed again.
  const copy = file.total === undefined || cache === "none" ? undefined : await CacheWriter.open(url, file.total);
  try {
    const built = await build(place, file, copy);
    await copy?.commit();
    return built;
  } catch (error) {
    copy?.abort();
    throw error;
  }
}

/** What a file that is damaged, or of another release than this module, fails with. */
const REFUSED_FILE: readonly ErrorCode[] = ["gguf", "checkpoint", "tokenizer", "base_mismatch"];

/** What was kept may be of an older release: then the network has the last word. */
function mayBeOlder(error: unknown): boolean {
  return REFUSED_FILE.includes((error as ToolgenError).code);
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

async function build({ wasm, device, pack }: Place, file: Download, copy?: CacheWriter): Promise<Built> {
  // The reader has to know the length, so a file of unknown length is collected first.
  const whole = file.total === undefined ? await collect(file) : undefined;
  const checkpointBytes = whole?.byteLength ?? file.total!;
  const reader = new wasm.CheckpointReader(checkpointBytes, device);
  try {
    for await (const chunk of whole ? [whole] : file.chunks) {
      reader.push(chunk);
      await copy?.write(chunk);
    }
  } catch (error) {
    reader.free();
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
