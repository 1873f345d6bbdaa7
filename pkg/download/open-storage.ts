/** Chooses where models are kept. */
import { openCacheStorage } from "./cache-storage.js";
import { openOpfs } from "./opfs.js";
import type { ModelStorage } from "./storage.js";

/** The best storage that there is here; undefined where a page may keep nothing. */
export async function openStorage(): Promise<ModelStorage | undefined> {
  return (await openOpfs()) ?? (await openCacheStorage());
}
