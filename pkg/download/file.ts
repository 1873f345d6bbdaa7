/** Reading single files over the network with byte-exact progress; runs in the worker. */
import { messageOf, ToolgenError } from "../core/errors.js";
import type { CacheMode, Progress } from "../core/types.js";
import { again } from "../util/again.js";
import { throwIfAborted } from "../util/signals.js";
import { within } from "../util/within.js";
import { Exchange, ownNetwork, type Interrupted, type Patience } from "./exchange.js";
import { Meter, type Report } from "./meter.js";

/** A file on its way: its chunks can be read once. */
export interface Download {
  /** Absent when the server compresses the file or doesn't tell its length. */
  total?: number;
  cached: boolean;
  chunks: AsyncGenerator<Uint8Array, void, void>;
  /** What is written while the chunks are read: to be committed once the file has proved right. */
  copy?: CacheWriter;
}

/** The file as an earlier visit kept it, else from the network and with a copy for the next visit. */
export async function openFile(
  file: Progress["file"],
  url: string,
  report: Report,
  cache: CacheMode,
  patience?: Patience,
): Promise<Download> {
  const kept = cache === "prefer" ? await fromCache(file, url, report) : undefined;
  if (kept) return kept;
  const fresh = await download(file, url, report, patience);
  if (cache === "none") return fresh;
  // A file of unknown length is read first, so that it can be kept and streamed the next time.
  const { total, chunks } = fresh.total === undefined ? here(await collect(fresh)) : fresh;
  const copy = await CacheWriter.open(url, total!);
  return { total, cached: false, copy, chunks: written(chunks, copy) };
}

async function* written(chunks: Download["chunks"], copy: CacheWriter): Download["chunks"] {
  for await (const chunk of chunks) {
    yield chunk;
    await copy.write(chunk);
  }
}

export async function download(
  file: Progress["file"],
  url: string,
  report: Report,
  patience: Patience = {},
  cache?: RequestCache,
): Promise<Download> {
  const network = ownNetwork(patience);
  try {
    const exchange = await again(() => Exchange.open(url, { cache }, network), patience.signal);
    return counted(file, url, exchange, false, report, patience.signal);
  } catch (cause) {
    throwIfAborted(patience.signal);
    const { status } = cause as Interrupted;
    const why = cause instanceof ToolgenError ? cause.message : `${url} could not be fetched: ${messageOf(cause)}.`;
    throw new ToolgenError("download", `The ${file} ${why}`, { url, status, cause });
  }
}

/** The file as kept by an earlier visit, if there is one. */
async function fromCache(file: Progress["file"], url: string, report: Report): Promise<Download | undefined> {
  const cache = await openCache();
  const response = cache && (await within(cache.match(url)).catch(() => undefined));
  const reader = response?.body?.getReader();
  if (!response || !reader) return undefined;
  const read = async () => (await reader.read()).value;
  return counted(file, url, { response, read, close: () => void reader.cancel().catch(() => {}) }, true, report);
}

/** A file whose bytes are here already. */
export function here(bytes: Uint8Array): Download {
  async function* chunks() {
    yield bytes;
  }
  return { total: bytes.byteLength, cached: false, chunks: chunks() };
}

/** All chunks of a file in one array. */
export async function collect({ chunks }: Download): Promise<Uint8Array> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const chunk of chunks) parts.push(chunk as Uint8Array<ArrayBuffer>);
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

function counted(
  file: Progress["file"],
  url: string,
  source: Pick<Exchange, "response" | "read" | "close">,
  cached: boolean,
  report: Report,
  signal?: AbortSignal,
): Download {
  const total = lengthOf(source.response);
  async function* chunks() {
    const meter = new Meter(file, report, { total });
    try {
      for (let first = true, value; (value = await source.read()); first = false) {
        const found = first && strangerIn(value);
        if (found) throw new ToolgenError("download", `${found} came in place of the ${file} ${url}.`, { url });
        meter.add(value.byteLength, cached);
        yield value;
      }
    } catch (cause) {
      throwIfAborted(signal);
      if (cause instanceof ToolgenError) throw cause;
      // Evicted, or damaged: refused as a damaged file is, so that it is fetched again.
      if (cached && file !== "pack")
        throw new ToolgenError(file, `The stored ${file} can't be read: ${messageOf(cause)}.`);
      const message = `The ${file} ${url} was cut off after ${meter.loaded} bytes: ${messageOf(cause)}.`;
      throw new ToolgenError("download", message, { url, cause });
    } finally {
      source.close();
    }
  }
  return { total, cached, chunks: chunks() };
}

/** What hosts send in a file's place: servers of single-page apps their page, checkouts without Git LFS its pointers. */
function strangerIn(bytes: Uint8Array): string | undefined {
  const start = new TextDecoder("latin1").decode(bytes.subarray(0, 64));
  if (/^\s*<(!doctype|html|head|\?xml|!--)/i.test(start)) return "A page (HTML)";
  return start.startsWith("version https://git-lfs") ? "A pointer of Git LFS" : undefined;
}

/**
 * Content-Length counts compressed bytes, so it is only of use when nothing is compressed. Whether another origin has
 * compressed a file is hidden (CORS).
 */
function lengthOf({ headers, type }: Response): number | undefined {
  const length = type === "cors" || headers.get("content-encoding") ? null : headers.get("content-length");
  return length === null ? undefined : Number(length);
}

/** The Cache API is absent on insecure origins, and access to it can be denied. */
async function openCache(): Promise<Cache | undefined> {
  try {
    return await within(globalThis.caches.open("toolgen"));
  } catch {
    return undefined;
  }
}

/**
 * Writes a file to the cache while it is being read. A failure (most often a full disk) only
 * means that the next visit downloads again. Nothing is kept until `commit()`.
 */
export class CacheWriter {
  #writer?: WritableStreamDefaultWriter<Uint8Array>;
  #stored: Promise<unknown>;

  private constructor(cache: Cache | undefined, url: string, total: number) {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>();
    this.#writer = cache && writable.getWriter();
    const headers = { "content-type": "application/octet-stream", "content-length": String(total) };
    this.#stored = Promise.resolve(cache?.put(url, new Response(readable, { headers })));
    this.#stored.catch(() => (this.#writer = undefined));
  }

  static async open(url: string, total: number): Promise<CacheWriter> {
    return new CacheWriter(await openCache(), url, total);
  }

  /** Waits until the cache has taken the chunk, so that no second copy of the file piles up. */
  write(chunk: Uint8Array): Promise<void> {
    return this.#attempt((writer) => writer.write(chunk));
  }

  async commit(): Promise<void> {
    await this.#attempt((writer) => writer.close());
    await within(this.#stored).catch(() => {});
  }

  abort(): void {
    this.#writer?.abort().catch(() => {});
    this.#writer = undefined;
  }

  async #attempt(step: (writer: WritableStreamDefaultWriter<Uint8Array>) => Promise<void>): Promise<void> {
    if (!this.#writer) return;
    try {
      await within(Promise.race([step(this.#writer), this.#stored]));
    } catch {
      this.abort();
    }
  }
}
