/** Models in the Cache API, for browsers without an origin private file system. */
import type { ModelStorage } from "./storage.js";

/** The cache wants URLs; this one is never fetched (RFC 2606 reserves `.invalid`). */
const ORIGIN = "https://toolgen.invalid";

/** Undefined on insecure origins, and where access is denied. */
export async function openCacheStorage(
  find = () => globalThis.caches as CacheStorage | undefined,
): Promise<ModelStorage | undefined> {
  try {
    const cache = await find()?.open("toolgen-models");
    return cache && new CacheFiles(cache);
  } catch {
    return undefined;
  }
}

class CacheFiles implements ModelStorage {
  readonly #cache: Cache;

  constructor(cache: Cache) {
    this.#cache = cache;
  }

  async models(): Promise<string[]> {
    return [...new Set((await this.#paths()).map(([model]) => model))];
  }

  async sizes(model: string): Promise<Map<string, number>> {
    const sizes = new Map<string, number>();
    for (const [of, name] of await this.#paths()) {
      const response = of === model ? await this.#cache.match(urlOf(model, name)) : undefined;
      if (response) sizes.set(name, Number(response.headers.get("content-length")));
    }
    return sizes;
  }

  async read(model: string, name: string): Promise<Uint8Array | undefined> {
    const response = await this.#cache.match(urlOf(model, name));
    return response && new Uint8Array(await response.arrayBuffer());
  }

  async write(model: string, name: string, bytes: Uint8Array): Promise<void> {
    const headers = { "content-type": "application/octet-stream", "content-length": String(bytes.byteLength) };
    await this.#cache.put(urlOf(model, name), new Response(bytes as Uint8Array<ArrayBuffer>, { headers }));
  }

  async remove(model: string, name: string): Promise<void> {
    await this.#cache.delete(urlOf(model, name));
  }

  async removeModel(model: string): Promise<void> {
    for (const [of, name] of await this.#paths()) if (of === model) await this.remove(model, name);
  }

  async #paths(): Promise<[model: string, name: string][]> {
    const requests = await this.#cache.keys();
    return requests.map(({ url }) => new URL(url).pathname.slice(1).split("/") as [string, string]);
  }
}

function urlOf(model: string, name: string): string {
  return `${ORIGIN}/${model}/${name}`;
}
