/** The shards of a manifest as whole files in the browser's memory. Nothing is verified but by the module that reads them. */
import { ToolgenError, type Progress } from "toolgen";

interface Shard {
  file: string;
  bytes: number;
}

interface Manifest {
  bytes: number;
  shards: Shard[];
  adapter: Shard;
}

export interface Joined {
  /** A `blob:` URL. */
  checkpoint: string;
  adapter: Uint8Array;
}

export async function joinShards(manifestUrl: string, onProgress: (progress: Progress) => void): Promise<Joined> {
  const folder = manifestUrl.slice(0, manifestUrl.lastIndexOf("/") + 1);
  const { bytes, shards, adapter } = (await (await get(manifestUrl)).json()) as Manifest;
  const began = performance.now();
  let fetched = 0;
  const read = async (file: Progress["file"], shards: readonly Shard[], total: number) => {
    let loaded = 0;
    const parts: BlobPart[] = [];
    for (const shard of shards) {
      const { body } = await get(folder + shard.file);
      for await (const part of chunksOf(body!, shard)) {
        parts.push(part);
        loaded += part.length;
        fetched += part.length;
        const bytesPerSecond = (1000 * fetched) / (performance.now() - began);
        onProgress({ file, loaded, total, bytesPerSecond, cached: false, kept: false });
      }
    }
    return new Blob(parts);
  };
  const small = await read("adapter", [adapter], adapter.bytes);
  const whole = await read("checkpoint", shards, bytes);
  return { checkpoint: URL.createObjectURL(whole), adapter: new Uint8Array(await small.arrayBuffer()) };
}

async function get(url: string): Promise<Response> {
  const response = await fetch(url).catch((cause) => {
    throw new ToolgenError("download", `${url} can't be reached.`, { cause });
  });
  if (!response.ok) throw new ToolgenError("download", `${url}: HTTP ${response.status}.`, { status: response.status });
  return response;
}

async function* chunksOf(body: ReadableStream<Uint8Array<ArrayBuffer>>, { file, bytes }: Shard) {
  const reader = body.getReader();
  let length = 0;
  try {
    for (let next; !(next = await reader.read()).done; yield next.value) length += next.value.length;
  } catch (cause) {
    throw new ToolgenError("download", `The connection broke in ${file}.`, { cause });
  }
  if (length !== bytes) throw new ToolgenError("download", `${file} has ${length} bytes, not ${bytes}.`);
}
