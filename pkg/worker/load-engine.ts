/** From a few URLs to an engine that can be asked; runs in the worker. */
import { messageOf, ToolgenError, type ErrorCode } from "../core/errors.js";
import type { CacheMode, DeviceChoice, Startup } from "../core/types.js";
import { begun } from "../download/begun.js";
import { collect, download, here, openFile } from "../download/file.js";
import type { Patience } from "../download/exchange.js";
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
  /** How many the processor computes with, where the module can. */
  threads?: number;
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
  startup: Startup;
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
  const since = performance.now();
  const startup: Startup = {};
  const passed = (phase: keyof Startup) => (startup[phase] = Math.round(performance.now() - since));
  // On its way while the module is compiled and the device opened.
  const opened = openFiles(files, report, options, options.cache);
  opened.catch(() => {}); // told when it is waited for
  let [device, pack]: [Device?, Uint8Array?] = [];
  try {
    let whyStrict;
    [pack, whyStrict] = await Promise.all([
      readPack(files.pack, report, options),
      start(wasm, files.modules, undefined, options),
    ]);
    passed("moduleMs");
    device = await wasm.Device.open(files.device);
    passed("deviceMs");
    const place = { wasm, device, pack, passed };
    const [built] = await Promise.all([
      loadModel(place, files, opened, report, options),
      device.kind === "cpu" && wasm.startHelpers?.((files.threads ?? 1) - 1),
    ]);
    return { ...built, device, whyStrict, startup };
  } catch (error) {
    device?.free();
    void letGo(opened);
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
  passed(phase: keyof Startup): void;
}

/** What was kept may be of an older release: then the network has the last word, once for each file. */
async function loadModel(
  place: Place,
  files: Files,
  opened: Promise<Model>,
  report: Report,
  options: LoadEngineOptions,
): Promise<Built> {
  let { cache = "prefer" } = options;
  let adapterCache = cache;
  let packCache: RequestCache | undefined;
  for (;;) {
    const { checkpoint, adapter } = await opened;
    try {
      return await build(place, { checkpoint, adapter });
    } catch (error) {
      const { code } = error as ToolgenError;
      // Damaged, or of another release than this module or than the other files.
      const isOf = (...codes: ErrorCode[]) => [...codes, "base_mismatch"].includes(code);
      // An adapter and a pack are small and others in each release, their base hardly ever: they are fetched again first.
      const isAdapterOld = files.adapter && adapter?.cached && isOf("adapter");
      // It may come from the browser's own cache.
      const isPackOld = typeof files.pack === "string" && !packCache && checkpoint.cached && isOf("pack");
      // The manifest's adapter is stored with its checkpoint.
      const isModelOld = isOf("gguf", "checkpoint", "tokenizer") || (code === "adapter" && !files.adapter);
      if (isAdapterOld) adapterCache = "reload";
      if (isPackOld) place.pack = await readPack(files.pack, report, options, (packCache = "reload"));
      if (!isAdapterOld && !isPackOld) {
        if (!checkpoint.cached || !isModelOld) throw withFile(error, files);
        cache = "reload";
      }
    }
    opened = openFiles(files, report, options, cache, adapterCache);
  }
}

/** What the module says of a file, whose kind it begins with, with the file's name. */
function withFile(error: unknown, { checkpoint, adapter = checkpoint, pack }: Files): unknown {
  const message = messageOf(error);
  const files = { checkpoint, tokenizer: checkpoint, adapter, "tool pack": pack };
  const url = files[message.split(":")[0] as keyof typeof files];
  return typeof url === "string" ? Object.assign(error as Error, { url, message: `${url}: ${message}` }) : error;
}

/** Opens the files of a model and asks for their first bytes. */
async function openFiles(
  { checkpoint, adapter }: Files,
  report: Report,
  options: LoadEngineOptions,
  cache: CacheMode = "prefer",
  adapterCache = cache,
): Promise<Model> {
  const [model, own] = await Promise.all([
    options.shards || isManifest(checkpoint)
      ? openModel(checkpoint, report, { ...options, cache, adapter: !adapter })
      : openFile("checkpoint", checkpoint, report, cache, options).then((file): Model => ({ checkpoint: file })),
    typeof adapter === "string"
      ? openFile("adapter", adapter, report, adapterCache, options)
      : adapter && here(adapter),
  ]);
  if (own) return { checkpoint: begun(model.checkpoint), adapter: begun(own) };
  // A manifest's adapter comes before its checkpoint, out of the same stream.
  const { checkpoint: base, adapter: named } = model;
  return named ? { checkpoint: base, adapter: begun(named) } : { checkpoint: begun(base) };
}

/** Of files that nobody reads any more. */
async function letGo(opened: Promise<Model>): Promise<void> {
  const { checkpoint, adapter } = await opened.catch((): Partial<Model> => ({}));
  for (const file of [adapter, checkpoint]) {
    file?.copy?.abort();
    void file?.chunks.return().catch(() => {});
  }
}

async function readPack(
  pack: string | Uint8Array | undefined,
  report: Report,
  patience: Patience,
  cache?: RequestCache,
): Promise<Uint8Array | undefined> {
  return typeof pack === "string" ? collect(await download("pack", pack, report, patience, cache)) : pack;
}

/** Keeps what was fetched, if it becomes an engine. */
async function build(place: Place, model: Model): Promise<Built> {
  try {
    const built = await assemble(place, model);
    await Promise.all([model.adapter?.copy?.commit(), model.checkpoint.copy?.commit()]);
    return built;
  } catch (error) {
    void letGo(Promise.resolve(model));
    throw error;
  }
}

async function assemble({ wasm, device, pack, passed }: Place, { checkpoint, adapter }: Model): Promise<Built> {
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
    throw error;
  }
  const engine = await reader.finish();
  passed("checkpointMs");
  try {
    if (pack) engine.load_pack(pack);
    passed("toolsMs");
  } catch (error) {
    engine.free();
    throw error;
  }
  return { engine, checkpointBytes };
}
