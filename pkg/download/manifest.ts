/**
 * The manifest of a model that is served in shards: what there is to fetch, and the SHA-256 of
 * every chunk, so that no byte is used on trust. `pkg/scripts/shard.mjs` writes it.
 */
import { messageOf, ToolgenError } from "../core/errors.js";
import { isRecord } from "../util/is-record.js";

/** Of manifests, that this release reads. */
export const VERSION = 2;

export interface Manifest {
  version: typeof VERSION;
  /** For people. */
  name: string;
  /** Of the whole checkpoint: its shards, one after the other. */
  bytes: number;
  sha256: string;
  shards: Shard[];
  /** What training added to the checkpoint: a file of its own, in one shard. */
  adapter?: Shard;
}

export interface Shard {
  /** A path relative to the manifest's URL. */
  file: string;
  bytes: number;
  sha256: string;
  /** The length of every chunk but the last, which may be shorter. */
  chunkBytes: number;
  /** The SHA-256 of each chunk, in order. */
  chunks: string[];
}

/** A manifest beyond these is a mistake or an attack. */
export const LIMITS = {
  manifestBytes: 8 << 20,
  shards: 1000,
  shardBytes: 64 << 20,
  chunkBytes: 8 << 20,
  chunks: 1 << 16,
  /** What the memory of a 32-bit module could hold. */
  bytes: 2 ** 32,
  name: 200,
};

/** Whether an absolute URL names a manifest, not a single file: its path ends in `.json`, whatever its scheme. */
export function isManifest(url: string): boolean {
  const { protocol, pathname } = new URL(url);
  return protocol !== "data:" && protocol !== "blob:" && pathname.endsWith(".json");
}

/** Throws `manifest` naming the first thing that is wrong. */
export function parseManifest(text: string, url: string): Manifest {
  const refuse: Refuse = (what) => {
    throw new ToolgenError("manifest", `The manifest ${url} cannot be used: ${what}.`, { url });
  };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return refuse(/^\s*</.test(text) ? "it is not JSON, but a page (HTML)" : `it is not JSON (${messageOf(cause)})`);
  }
  if (!isRecord(value)) return refuse("it is not a JSON object");
  if (value.version !== VERSION) {
    // What is nested can be too deep to be written out.
    const version = typeof value.version === "object" ? "no number" : `${JSON.stringify(value.version)}`.slice(0, 40);
    return refuse(`its version is ${version}, but this release reads version ${VERSION}`);
  }
  const name = text200(value.name, "name", refuse);
  const bytes = integer(value.bytes, "bytes", LIMITS.bytes, refuse);
  const sha256 = hash(value.sha256, "sha256", refuse);
  if (!Array.isArray(value.shards) || value.shards.length === 0) return refuse("shards must be a non-empty array");
  if (value.shards.length > LIMITS.shards)
    return refuse(`it has ${value.shards.length} shards, more than the limit of ${LIMITS.shards}`);
  const shards = value.shards.map((shard, i) => parseShard(shard, `shards[${i}]`, refuse));
  const adapter = value.adapter === undefined ? {} : { adapter: parseShard(value.adapter, "adapter", refuse) };
  const manifest = { version: VERSION, name, bytes, sha256, shards, ...adapter } as const;
  const files = filesOf(manifest);
  const twice = files.find(({ file }, i) => files.findIndex((other) => other.file === file) !== i);
  if (twice) return refuse(`it names ${twice.file} twice`);
  const chunks = files.reduce((sum, { chunks }) => sum + chunks.length, 0);
  if (chunks > LIMITS.chunks) return refuse(`it has ${chunks} chunks, more than the limit of ${LIMITS.chunks}`);
  const sum = bytesOf(shards);
  if (sum !== bytes) return refuse(`its shards add up to ${sum} bytes, but bytes is ${bytes}`);
  return manifest;
}

/** All that a manifest names, in the order in which it is read: a broken adapter is found before the checkpoint is there. */
export function filesOf({ adapter, shards }: Manifest): Shard[] {
  return adapter ? [adapter, ...shards] : shards;
}

export function bytesOf(files: readonly Shard[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Where a chunk begins and ends in its shard. */
export function chunkBounds(shard: Shard, index: number): { start: number; end: number } {
  const start = index * shard.chunkBytes;
  return { start, end: Math.min(start + shard.chunkBytes, shard.bytes) };
}

type Refuse = (what: string) => never;

function parseShard(value: unknown, at: string, refuse: Refuse): Shard {
  if (!isRecord(value)) return refuse(`${at} must be an object`);
  const file = fileName(value.file, `${at}.file`, refuse);
  const bytes = integer(value.bytes, `${at}.bytes`, LIMITS.shardBytes, refuse);
  const sha256 = hash(value.sha256, `${at}.sha256`, refuse);
  const chunkBytes = integer(value.chunkBytes, `${at}.chunkBytes`, LIMITS.chunkBytes, refuse);
  if (!Array.isArray(value.chunks)) return refuse(`${at}.chunks must be an array`);
  const expected = Math.ceil(bytes / chunkBytes);
  if (value.chunks.length !== expected) {
    return refuse(
      `${at}.chunks has ${value.chunks.length} entries, but ${bytes} bytes in chunks of ${chunkBytes} make ${expected}`,
    );
  }
  const chunks = value.chunks.map((chunk, i) => hash(chunk, `${at}.chunks[${i}]`, refuse));
  return { file, bytes, sha256, chunkBytes, chunks };
}

/** Plain names in plain folders, below the manifest: nothing that a URL or a disk would read otherwise. */
function fileName(value: unknown, at: string, refuse: Refuse): string {
  const file = text200(value, at, refuse);
  if (!/^(?:[A-Za-z0-9_-][A-Za-z0-9._-]*\/)*[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(file)) {
    return refuse(
      `${at} is ${JSON.stringify(file)}, but only relative paths of letters, digits, ".", "_" and "-" are allowed`,
    );
  }
  return file;
}

function text200(value: unknown, at: string, refuse: Refuse): string {
  if (typeof value !== "string" || value === "" || value.length > LIMITS.name)
    return refuse(`${at} must be a string of 1 to ${LIMITS.name} characters`);
  return value;
}

function integer(value: unknown, at: string, max: number, refuse: Refuse): number {
  if (!Number.isSafeInteger(value) || (value as number) < 1 || (value as number) > max)
    return refuse(`${at} must be an integer from 1 to ${max}`);
  return value as number;
}

function hash(value: unknown, at: string, refuse: Refuse): string {
  if (typeof value !== "string" || !/^[0-9a-f]{64}$/.test(value))
    return refuse(`${at} must be a SHA-256 as 64 lower-case hexadecimal digits`);
  return value;
}
