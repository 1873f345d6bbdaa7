/** Chooses where models are kept. */
import { within } from "../util/within.js";
import { openCacheStorage } from "./cache-storage.js";
import { openOpfs } from "./opfs.js";
import type { ModelStorage } from "./storage.js";

/** The best storage that there is here; undefined where a page may keep nothing. */
export async function openStorage(): Promise<ModelStorage | undefined> {
  for (const open of [openOpfs, openCacheStorage]) {
    const storage = await within(open()).catch(() => undefined);
    if (storage) return patient(storage);
  }
  return undefined;
}

/** One that doesn't answer fails: then what it has is fetched, and what it would keep isn't kept. */
export function patient(storage: ModelStorage, ms?: number): ModelStorage {
  return {
    models: () => within(storage.models(), ms),
    sizes: (model) => within(storage.sizes(model), ms),
    read: (model, name) => within(storage.read(model, name), ms),
    write: (model, name, bytes) => within(storage.write(model, name, bytes), ms),
    remove: (model, name) => within(storage.remove(model, name), ms),
    removeModel: (model) => storage.removeModel(model), // much may be deleted
  };
}
