/** The parts of a browser's storage that the download uses, with their errors, in memory. */

const notFound = () => new DOMException("not found", "NotFoundError");

export interface FakeOpfsOptions {
  /** As in a worker; else files are written by `createWritable`, as in a page. */
  sync: boolean;
  /** How many bytes fit into all files together. */
  room?: number;
}

class FakeFile {
  readonly kind = "file";
  bytes = new Uint8Array();
  locked = false;
  createSyncAccessHandle?: () => Promise<unknown>;
  readonly #disk: { free: number };

  constructor(disk: { free: number }, sync: boolean) {
    this.#disk = disk;
    if (sync) this.createSyncAccessHandle = () => this.#sync();
  }

  async getFile(): Promise<Blob> {
    return new Blob([this.bytes]);
  }

  async createWritable() {
    let written = new Uint8Array();
    return {
      write: async (bytes: Uint8Array) => {
        if (bytes.length > this.#disk.free) throw new DOMException("full", "QuotaExceededError");
        written = bytes.slice();
      },
      abort: async () => {},
      close: async () => {
        this.bytes = written;
        this.#disk.free -= written.length;
      },
    };
  }

  async #sync() {
    if (this.locked) throw new DOMException("locked", "NoModificationAllowedError");
    this.locked = true;
    return {
      truncate: (size: number) => {
        this.#disk.free += this.bytes.length - size;
        this.bytes = this.bytes.slice(0, size);
      },
      write: (bytes: Uint8Array, { at }: { at: number }) => {
        const part = bytes.subarray(0, this.#disk.free);
        const all = new Uint8Array(Math.max(this.bytes.length, at + part.length));
        all.set(this.bytes);
        all.set(part, at);
        this.bytes = all;
        this.#disk.free -= part.length;
        return part.length;
      },
      flush: () => {},
      close: () => (this.locked = false),
    };
  }
}

class FakeFolder {
  readonly kind = "directory";
  readonly children = new Map<string, FakeFolder | FakeFile>();
  readonly #disk: { free: number };
  readonly #sync: boolean;

  constructor(disk: { free: number }, sync: boolean) {
    this.#disk = disk;
    this.#sync = sync;
  }

  async getDirectoryHandle(name: string, { create = false } = {}): Promise<FakeFolder> {
    if (create && !this.children.has(name)) this.children.set(name, new FakeFolder(this.#disk, this.#sync));
    const child = this.children.get(name);
    if (child instanceof FakeFolder) return child;
    throw notFound();
  }

  async getFileHandle(name: string, { create = false } = {}): Promise<FakeFile> {
    if (create && !this.children.has(name)) this.children.set(name, new FakeFile(this.#disk, this.#sync));
    const child = this.children.get(name);
    if (child instanceof FakeFile) return child;
    throw notFound();
  }

  async removeEntry(name: string): Promise<void> {
    if (!this.children.delete(name)) throw notFound();
  }

  async *entries() {
    yield* this.children;
  }
}

export function fakeOpfs({ sync, room = Infinity }: FakeOpfsOptions): () => Promise<FileSystemDirectoryHandle> {
  const root = new FakeFolder({ free: room }, sync);
  return async () => root as unknown as FileSystemDirectoryHandle;
}

export function fakeCaches(): CacheStorage {
  const caches = new Map<string, Map<string, Response>>();
  const open = async (name: string) => {
    if (!caches.has(name)) caches.set(name, new Map());
    const entries = caches.get(name)!;
    return {
      match: async (url: string) => entries.get(url)?.clone(),
      put: async (url: string, response: Response) => {
        const bytes = await response.arrayBuffer(); // an entry is there once it is whole
        entries.set(new URL(url).href, new Response(bytes, response));
      },
      delete: async (url: string) => entries.delete(url),
      keys: async () => [...entries.keys()].map((url) => new Request(url)),
    };
  };
  return { open } as unknown as CacheStorage;
}
