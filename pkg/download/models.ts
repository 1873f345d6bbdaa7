/** The models that this browser keeps. Works in pages and in workers. */
import { absolute } from "../util/absolute.js";
import { acquire } from "./lock.js";
import { storedInFull, surroundings } from "./model.js";
import { keyOf, present, presentBytes, readRecord } from "./record.js";

export interface StoredModel {
  /** The URL of its manifest. */
  url: string;
  /** As the manifest calls it. */
  name: string;
  bytes: number;
  /** Less than `bytes` while its download is under way or was broken off. */
  storedBytes: number;
}

/** Whether a model is stored in full, so that it loads without the network. */
export async function hasModel(manifestUrl: URL | string, around = surroundings()): Promise<boolean> {
  const storage = await around.storage();
  return storage !== undefined && (await storedInFull(storage, await keyOf(absolute(manifestUrl)))) !== undefined;
}

/** Removes all that is stored of a model; waits for tabs that are loading it. Resolves to whether there was anything. */
export async function deleteModel(manifestUrl: URL | string, { signal }: { signal?: AbortSignal } = {}, around = surroundings()): Promise<boolean> {
  const storage = await around.storage();
  if (!storage) return false;
  const key = await keyOf(absolute(manifestUrl));
  const release = await acquire(key, "exclusive", { locks: around.locks, signal });
  try {
    const found = (await storage.sizes(key)).size > 0;
    await storage.removeModel(key);
    return found;
  } finally {
    release();
  }
}

/** All models of which something is stored. */
export async function listModels(around = surroundings()): Promise<StoredModel[]> {
  const storage = await around.storage();
  const models: StoredModel[] = [];
  for (const key of (await storage?.models()) ?? []) {
    const record = await readRecord(storage!, key);
    if (!record) continue;
    const { url, manifest } = record;
    const storedBytes = presentBytes(manifest, present(manifest, await storage!.sizes(key)));
    models.push({ url, name: manifest.name, bytes: manifest.bytes, storedBytes });
  }
  return models.sort((a, b) => (a.url < b.url ? -1 : 1));
}
