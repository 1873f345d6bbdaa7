/**
 * Where models are kept between visits: for each model some small files, a record and its chunks.
 * A chunk is one file named by its SHA-256, written whole after it was verified, so what is there
 * of a shard survives a reload, and two tabs that write the same file write the same bytes.
 */
export interface ModelStorage {
  /** The keys of all models of which something is stored. */
  models(): Promise<string[]>;
  /** The names and sizes of a model's files; empty for an unknown model. */
  sizes(model: string): Promise<Map<string, number>>;
  read(model: string, name: string): Promise<Uint8Array | undefined>;
  /** All or nothing, as far as the platform can: readers compare sizes and hashes. */
  write(model: string, name: string, bytes: Uint8Array): Promise<void>;
  /** Nothing happens where there is nothing. */
  remove(model: string, name: string): Promise<void>;
  removeModel(model: string): Promise<void>;
}
