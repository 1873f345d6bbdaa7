/** Rows of tools' documents in files, so that what has not changed is not computed again. */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { RowStore } from "../worker/row-cache.js";
import { writeWhole } from "./write-whole.js";

export class RowFiles implements RowStore {
  readonly #folder: string;
  /** How many rows were there. */
  found = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async get(key: string): Promise<Float32Array | undefined> {
    try {
      const bytes = Uint8Array.from(readFileSync(join(this.#folder, key)));
      const row = new Float32Array(bytes.buffer);
      this.found += 1;
      return row;
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
