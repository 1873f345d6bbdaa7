/** From three URLs to an engine that can be asked; runs in the worker. */
import { CacheWriter, collect, download, fromCache, type Download, type Report } from "./download.js";
import type { Device, Engine, WasmModule } from "./engine.js";
import { messageOf, ToolgenError } from "./errors.js";
import type { DeviceChoice } from "./types.js";

export interface Files {
  checkpoint: string;
  pack: string | Uint8Array;
  wasm: URL;
  device: DeviceChoice;
}

interface Built {
  engine: Engine;
  checkpointBytes: number;
}

export interface Loaded extends Built {
  device: Device;
  pack: Uint8Array;
  /** Why the GPU was given up while loading. */
  reason?: string;
}

const GPU_FAILURES = ["gpu", "device_lost"];

export async function loadEngine(wasm: WasmModule, files: Files, report: Report): Promise<Loaded> {
  const [pack] = await Promise.all([readPack(files.pack, report), initialise(wasm, files.wasm)]);
  const device = await wasm.Device.open(files.device);
  try {
    return { ...(await readCheckpoint(wasm, device, files.checkpoint, pack, report)), device, pack };
  } catch (error) {
    device.free();
    // A GPU may pass its check and still have no room for the model.
    if (files.device !== "auto" || !GPU_FAILURES.includes((error as ToolgenError).code)) throw error;
    const loaded = await loadEngine(wasm, { ...files, pack, device: "cpu" }, report);
    return { ...loaded, reason: messageOf(error) };
  }
}

async function readCheckpoint(wasm: WasmModule, device: Device, url: string, pack: Uint8Array, report: Report): Promise<Built> {
  const kept = await fromCache("checkpoint", url, report);
  if (kept) {
    try {
      return await build(wasm, device, kept, pack);
    } catch (error) {
      // The kept file may be damaged or of an older release: the network has the last word.
      if (!["gguf", "base_mismatch"].includes((error as ToolgenError).code)) throw error;
    }
  }
  const file = await download("checkpoint", url, report);
  // Only a file of known length is kept: it can be streamed again.
  const copy = file.total === undefined ? undefined : await CacheWriter.open(url, file.total);
  try {
    const built = await build(wasm, device, file, pack, copy);
    await copy?.commit();
    return built;
  } catch (error) {
    copy?.abort();
    throw error;
  }
}

async function initialise(wasm: WasmModule, url: URL): Promise<void> {
  try {
    await wasm.default({ module_or_path: url });
  } catch (cause) {
    const hint = "Is the file there, and does the Content-Security-Policy allow 'wasm-unsafe-eval'?";
    throw new ToolgenError("wasm", `The module ${url} could not be started (${messageOf(cause)}). ${hint}`);
  }
}

async function readPack(pack: string | Uint8Array, report: Report): Promise<Uint8Array> {
  return typeof pack === "string" ? collect(await download("pack", pack, report)) : pack;
}

async function build(wasm: WasmModule, device: Device, file: Download, pack: Uint8Array, copy?: CacheWriter): Promise<Built> {
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
    engine.load_pack(pack);
  } catch (error) {
    engine.free();
    throw error;
  }
  return { engine, checkpointBytes };
}
