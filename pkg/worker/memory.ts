/** The module's memory: whether it is what a crash came from. */

let memory: WebAssembly.Memory | undefined;

/** What the module exports once it is there. */
export function watch(exports: unknown): void {
  memory = (exports as { memory?: WebAssembly.Memory } | undefined)?.memory;
}

/** More than any single part of a model takes, in pages of 64 KiB. */
const ROOM = 1024;

/** Whether there is no room left, for a module that has crashed and will not be used again: it is filled to find out. */
export function isFull(): boolean {
  try {
    memory?.grow(ROOM);
    return false;
  } catch {
    return true;
  }
}

export const TOO_LITTLE_MEMORY = "Too little memory for the model: close other tabs and apps, and load it again.";
