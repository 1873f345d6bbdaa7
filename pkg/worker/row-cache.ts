/** Rows of tools' documents, kept in IndexedDB; runs in the worker. Without it, rows are computed again. */
const DATABASE = "toolgen";
const STORE = "rows";

export class RowCache {
  readonly #database: IDBDatabase | undefined;

  private constructor(database: IDBDatabase | undefined) {
    this.#database = database;
  }

  /** Never fails: a browser may forbid storage, or be in the middle of a change. */
  static async open(): Promise<RowCache> {
    try {
      const request = indexedDB.open(DATABASE, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE);
      request.onblocked = () => request.dispatchEvent(new Event("error"));
      const database = await settled(request);
      database.onversionchange = () => database.close();
      return new RowCache(database);
    } catch {
      return new RowCache(undefined);
    }
  }

  async get(key: string): Promise<Float32Array | undefined> {
    try {
      const value: unknown = await settled(this.#database!.transaction(STORE).objectStore(STORE).get(key));
      return value instanceof Float32Array ? value : undefined;
    } catch {
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
  }
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
