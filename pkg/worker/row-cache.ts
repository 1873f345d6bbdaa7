/** Rows of tools' documents, kept in IndexedDB; runs in the worker. Without it, rows are computed again. */
import { within } from "../util/within.js";

const DATABASE = "toolgen";
const STORE = "rows";

/** Where rows are kept, by their documents' keys. */
export type RowStore = Pick<RowCache, "get" | "put" | "close">;

export class RowCache {
  #database: IDBDatabase | undefined;

  private constructor(database: IDBDatabase | undefined) {
    this.#database = database;
  }

  /** Never fails: a browser may forbid storage, or be in the middle of a change. */
  static async open(ms?: number): Promise<RowCache> {
    let request: IDBOpenDBRequest | undefined;
    try {
      const opening = (request = indexedDB.open(DATABASE, 1));
      opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
      const database = await settled(opening, ms);
      database.onversionchange = () => database.close();
      return new RowCache(database);
    } catch {
      // It may open yet, and would be in the way of who deletes it.
      if (request) request.onsuccess = ({ target }) => (target as IDBOpenDBRequest).result.close();
      return new RowCache(undefined);
    }
  }

  async get(key: string): Promise<Float32Array | undefined> {
    try {
      const value: unknown = await settled(this.#database!.transaction(STORE).objectStore(STORE).get(key));
      return value instanceof Float32Array ? value : undefined;
    } catch {
      this.close();
      return undefined;
    }
  }

  async put(key: string, row: Float32Array): Promise<void> {
    try {
      await settled(this.#database!.transaction(STORE, "readwrite").objectStore(STORE).put(row, key));
    } catch {
      // There may be no room.
    }
  }

  close(): void {
    this.#database?.close();
    this.#database = undefined;
  }
}

function settled<T>(request: IDBRequest<T>, ms?: number): Promise<T> {
  const outcome = new Promise<T>((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return within(outcome, ms);
}
