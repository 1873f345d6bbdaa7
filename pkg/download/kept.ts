/** What a storage has. Chunks are named by their content, so one that is kept for another model, as at another URL, will do. */
import type { ModelStorage } from "./storage.js";

/** By name, how large a file is and which model it is kept for. */
export type Kept = Map<string, { model: string; size: number }>;

/** A model's files, and of all others what it hasn't. A storage that can't be listed has nothing. */
export async function keptFor(storage: ModelStorage, key: string): Promise<Kept> {
  const kept: Kept = new Map();
  const others = await storage.models().catch(() => []);
  // Its own come last, and count.
  for (const model of [...others.filter((other) => other !== key), key]) {
    const sizes = await storage.sizes(model).catch(() => []);
    for (const [name, size] of sizes) kept.set(name, { model, size });
  }
  return kept;
}
