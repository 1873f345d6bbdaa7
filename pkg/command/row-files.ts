/** Rows of tools' documents in files, so that what has not changed is not computed again. */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { RowStore } from "../worker/row-cache.js";
import { writeWhole } from "./write-whole.js";

export class RowFiles implements RowStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async get(key: string): Promise<Float32Array | undefined> {
    try {
      return new Float32Array(Uint8Array.from(readFileSync(join(this.#folder, key))).buffer);
    } catch {
      return undefined;
    }
  }

  async put(key: string, row: Float32Array): Promise<void> {
    try {
      mkdirSync(this.#folder, { recursive: true });
      writeWhole(join(this.#folder, key), new Uint8Array(row.buffer, row.byteOffset, row.byteLength));
    } catch {
      // A folder that can't be written: it is computed again the next time.
    }
  }

  close(): void {}
}
