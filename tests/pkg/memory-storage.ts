/** A storage in memory: what is kept lives as long as the object, as if it were a browser profile. */
import type { ModelStorage } from "../../pkg/download/storage.ts";

export class MemoryStorage implements ModelStorage {
  readonly #models = new Map<string, Map<string, Uint8Array>>();

  async models(): Promise<string[]> {
    return [...this.#models.keys()];
  }

  async sizes(model: string): Promise<Map<string, number>> {
    return new Map([...(this.#models.get(model) ?? [])].map(([name, bytes]) => [name, bytes.byteLength]));
  }

  async read(model: string, name: string): Promise<Uint8Array | undefined> {
    return this.#models.get(model)?.get(name)?.slice();
  }

  async write(model: string, name: string, bytes: Uint8Array): Promise<void> {
    if (!this.#models.has(model)) this.#models.set(model, new Map());
    this.#models.get(model)!.set(name, bytes.slice());
  }

  async remove(model: string, name: string): Promise<void> {
    this.#models.get(model)?.delete(name);
  }

  async removeModel(model: string): Promise<void> {
    this.#models.delete(model);
  }
}
