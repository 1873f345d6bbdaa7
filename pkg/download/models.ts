/** The models that this browser stores. Works in pages and in workers. */
import { read } from "../util/options.js";
import { absolute } from "../util/absolute.js";
import { keptFor } from "./kept.js";
import { acquire } from "./lock.js";
import { bytesOf, filesOf } from "./manifest.js";
import { storedInFull, browserEnvironment } from "./model.js";
import { keyOf, present, presentBytes, readRecord } from "./record.js";

export interface StoredModel {
  /** The URL of its manifest. */
  url: string;
  /** Its name in the manifest. */
  name: string;
  /** Of the checkpoint, and of the adapter that its manifest names. */
  bytes: number;
  /** Less than `bytes` while its download is in progress or was interrupted. Models that are alike share what is stored. */
  storedBytes: number;
}

/** Whether a model is stored in full, so that it loads without the network. */
export async function hasModel(manifestUrl: URL | string, environment = browserEnvironment()): Promise<boolean> {
  const url = absolute(manifestUrl);
  const storage = await environment.storage();
  return storage !== undefined && (await storedInFull(storage, await keyOf(url))) !== undefined;
}

/** Removes what is stored of a model, after tabs that are loading it. Resolves to whether there was anything. */
export async function deleteModel(
  manifestUrl: URL | string,
  options?: { signal?: AbortSignal },
  environment = browserEnvironment(),
): Promise<boolean> {
  const { signal } = read(options);
  const url = absolute(manifestUrl);
  const storage = await environment.storage();
  if (!storage) return false;
  const key = await keyOf(url);
  const release = await acquire(key, "exclusive", { locks: environment.locks, signal });
  try {
    const found = (await storage.sizes(key)).size > 0;
    await storage.removeModel(key);
    return found;
  } finally {
    release();
  }
}

/** All models of which something is stored. */
export async function listModels(environment = browserEnvironment()): Promise<StoredModel[]> {
  const storage = await environment.storage();
  const models: StoredModel[] = [];
  for (const key of (await storage?.models()) ?? []) {
    const record = await readRecord(storage!, key);
    if (!record) continue;
    const { url, manifest } = record;
    const files = filesOf(manifest);
    const storedBytes = presentBytes(files, present(files, await keptFor(storage!, key)));
    models.push({ url, name: manifest.name, bytes: bytesOf(files), storedBytes });
  }
  return models.sort((a, b) => (a.url < b.url ? -1 : 1));
}
