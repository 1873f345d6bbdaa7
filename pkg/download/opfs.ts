/** Models in the origin private file system: `toolgen/MODEL/NAME`. */
import type { ModelStorage } from "./storage.js";

/** TypeScript knows it in workers only, where alone it exists. */
interface SyncAccessHandle {
  truncate(size: number): void | Promise<void>;
  write(bytes: Uint8Array, options: { at: number }): number;
  flush(): void | Promise<void>;
  close(): void | Promise<void>;
}
type FileHandle = FileSystemFileHandle & { createSyncAccessHandle?(): Promise<SyncAccessHandle> };

/** Undefined where it is absent or denied, as in some private windows. */
export async function openOpfs(root = () => navigator.storage.getDirectory()): Promise<ModelStorage | undefined> {
  try {
    return new Opfs(await (await root()).getDirectoryHandle("toolgen", { create: true }));
  } catch {
    return undefined;
  }
}

class Opfs implements ModelStorage {
  readonly #root: FileSystemDirectoryHandle;

  constructor(root: FileSystemDirectoryHandle) {
    this.#root = root;
  }

  async models(): Promise<string[]> {
    const names: string[] = [];
    for await (const [name, { kind }] of this.#root.entries()) if (kind === "directory") names.push(name);
    return names;
  }

  async sizes(model: string): Promise<Map<string, number>> {
    const sizes = new Map<string, number>();
    const folder = await absentAsUndefined(this.#root.getDirectoryHandle(model));
    if (!folder) return sizes;
    for await (const [name, handle] of folder.entries()) {
      const file = handle.kind === "file" && (await absentAsUndefined((handle as FileSystemFileHandle).getFile()));
      if (file) sizes.set(name, file.size);
    }
    return sizes;
  }

  async read(model: string, name: string): Promise<Uint8Array | undefined> {
    const folder = await absentAsUndefined(this.#root.getDirectoryHandle(model));
    const handle = folder && (await absentAsUndefined(folder.getFileHandle(name)));
    const file = handle && (await absentAsUndefined(handle.getFile()));
    return file && new Uint8Array(await file.arrayBuffer());
  }

  async write(model: string, name: string, bytes: Uint8Array): Promise<void> {
    const folder = await this.#root.getDirectoryHandle(model, { create: true });
    try {
      await writeFile((await folder.getFileHandle(name, { create: true })) as FileHandle, bytes);
    } catch (error) {
      // A half-written file has the wrong size and counts as absent, but it takes room.
      await this.remove(model, name).catch(() => {});
      throw error;
    }
  }

  async remove(model: string, name: string): Promise<void> {
    const folder = await absentAsUndefined(this.#root.getDirectoryHandle(model));
    if (folder) await absentAsUndefined(folder.removeEntry(name));
  }

  async removeModel(model: string): Promise<void> {
    await absentAsUndefined(this.#root.removeEntry(model, { recursive: true }));
  }
}

async function writeFile(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  if (!handle.createSyncAccessHandle) {
    const stream = await handle.createWritable();
    try {
      await stream.write(bytes as Uint8Array<ArrayBuffer>);
    } catch (error) {
      await stream.abort().catch(() => {});
      throw error;
    }
    return stream.close();
  }
  const access = await handle.createSyncAccessHandle();
  try {
    // Older Safari has promises here.
    await access.truncate(0);
    const written = access.write(bytes, { at: 0 });
    if (written !== bytes.byteLength)
      throw new DOMException(`Only ${written} of ${bytes.byteLength} bytes were written.`, "QuotaExceededError");
    await access.flush();
  } finally {
    await access.close();
  }
}

async function absentAsUndefined<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if ((error as DOMException).name === "NotFoundError") return undefined;
    throw error;
  }
}
