/** What a storage knows of a model: its manifest as it was fetched, and which chunks are there. */
import { ToolgenError } from "../core/errors.js";
import { Exchange, withRetries, type Network } from "./exchange.js";
import type { Kept } from "./kept.js";
import { chunkBounds, filesOf, LIMITS, parseManifest, VERSION, type Manifest, type Shard } from "./manifest.js";
import { sha256 } from "./sha256.js";
import type { ModelStorage } from "./storage.js";

export interface ModelRecord {
  /** The manifest's URL. */
  url: string;
  /** Where it was in the end, after redirects: the shards' names are relative to this. */
  base: string;
  manifest: Manifest;
}

const RECORD = "record.json";

/** The key of a model in a storage: its manifest's URL, as a name that every storage takes. */
export function keyOf(url: string): Promise<string> {
  const file = new URL(url);
  file.hash = "";
  return sha256(new TextEncoder().encode(file.href));
}

/** Undefined when there is none, or one of another release. Its manifest was checked before it was written. */
export async function readRecord(storage: ModelStorage, key: string): Promise<ModelRecord | undefined> {
  try {
    const record: ModelRecord = JSON.parse(new TextDecoder().decode(await storage.read(key, RECORD)));
    return record.manifest.version === VERSION && (await keyOf(record.url)) === key ? record : undefined;
  } catch {
    return undefined;
  }
}

export async function writeRecord(storage: ModelStorage, key: string, record: ModelRecord): Promise<void> {
  await storage.write(key, RECORD, new TextEncoder().encode(JSON.stringify(record)));
}

/** Throws `download` or `manifest`. */
export async function fetchRecord(url: string, network: Network): Promise<ModelRecord> {
  return withRetries(url, network, async () => {
    const exchange = await Exchange.open(url, { cache: "no-cache" }, network);
    try {
      const decoder = new TextDecoder();
      let text = "";
      let received = 0;
      for (let bytes; (bytes = await exchange.read()); ) {
        received += bytes.byteLength;
        if (received > LIMITS.manifestBytes)
          throw new ToolgenError("manifest", `The manifest ${url} has more than ${LIMITS.manifestBytes} bytes.`, {
            url,
          });
        text += decoder.decode(bytes, { stream: true });
      }
      return { url, base: exchange.response.url || url, manifest: parseManifest(text + decoder.decode(), url) };
    } finally {
      exchange.close();
    }
  });
}

/** For each file, which chunks are there. Their content is verified when it is read. */
export function present(files: readonly Shard[], kept: Kept): boolean[][] {
  return files.map((shard) =>
    shard.chunks.map((name, i) => {
      const { start, end } = chunkBounds(shard, i);
      return kept.get(name)?.size === end - start;
    }),
  );
}

/** Bytes of the chunks that are there. */
export function presentBytes(files: readonly Shard[], known: boolean[][]): number {
  let sum = 0;
  files.forEach((shard, s) => {
    shard.chunks.forEach((_, i) => {
      const { start, end } = chunkBounds(shard, i);
      if (known[s]![i]) sum += end - start;
    });
  });
  return sum;
}

/** Removes what another release of the model left behind. */
export async function removeStale(storage: ModelStorage, key: string, manifest: Manifest, kept: Kept): Promise<void> {
  for (const [name] of stale(key, manifest, kept)) await storage.remove(key, name);
}

/** The room that `removeStale` makes. */
export function staleBytes(key: string, manifest: Manifest, kept: Kept): number {
  return stale(key, manifest, kept).reduce((sum, [, { size }]) => sum + size, 0);
}

function stale(key: string, manifest: Manifest, kept: Kept) {
  const used = new Set([RECORD, ...filesOf(manifest).flatMap(({ chunks }) => chunks)]);
  return [...kept].filter(([name, { model }]) => model === key && !used.has(name));
}
