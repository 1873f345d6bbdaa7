/** Room for a model: asked for before a big download, not found out in its middle. */
import { ToolgenError } from "../core/errors.js";

export type Estimate = () => Promise<StorageEstimate | undefined>;

/** What the browser says about this origin's room; undefined when it doesn't. */
export async function estimateRoom(): Promise<StorageEstimate | undefined> {
  return globalThis.navigator?.storage?.estimate?.().catch(() => undefined);
}

/** Throws `quota` when the browser says that so many bytes don't fit. */
export async function checkRoom(name: string, bytes: number, estimate: Estimate = estimateRoom): Promise<void> {
  const { quota, usage = 0 } = (await estimate()) ?? {};
  if (quota === undefined) return;
  const free = Math.max(quota - usage, 0);
  if (bytes <= free) return;
  const message = `Storing the model ${name} needs ${bytes} bytes, but only ${free} are free for this page. Free some space, or load with cache: "none".`;
  throw new ToolgenError("quota", message);
}

/** Asks the browser not to clear this origin when room gets scarce. Only pages can ask, workers can't; a person may be asked. */
export async function requestPersistence(): Promise<boolean> {
  const storage = globalThis.navigator?.storage;
  try {
    return (await storage?.persisted?.()) || ((await storage?.persist?.()) ?? false);
  } catch {
    return false;
  }
}
