/** Whether the model may compute on several threads. */
import { ToolgenError } from "./core/errors.js";
import type { DeviceChoice } from "./core/types.js";

/** More gain little: a token's weights come from memory, which all share. */
const MOST_BY_DEFAULT = 4;

/** How many threads to start with, or why it is one; of a worker or a module that was named nothing is known. */
export async function chooseThreads(device: DeviceChoice, wanted?: number, isNamed = false): Promise<number | string> {
  if (wanted !== undefined && !(Number.isSafeInteger(wanted) && wanted > 0))
    throw new ToolgenError("bad_argument", `threads must be a whole number from 1 on, not ${wanted}.`);
  if (isNamed) return "The worker or its module is one that was named.";
  const count = wanted ?? Math.min(globalThis.navigator?.hardwareConcurrency ?? 1, MOST_BY_DEFAULT);
  if (count < 2) return wanted ? "One was asked for." : "There is one processor.";
  if (!globalThis.crossOriginIsolated)
    return "The page is not isolated (Cross-Origin-Opener-Policy and -Embedder-Policy).";
  return device !== "cpu" && (await hasGpu()) ? "The GPU computes." : count;
}

/** Whether there is one that is not software. */
async function hasGpu(): Promise<boolean> {
  type Adapter = { info?: { isFallbackAdapter?: boolean } };
  const { gpu } = navigator as { gpu?: { requestAdapter(): Promise<Adapter | null> } };
  const adapter = await gpu?.requestAdapter().catch(() => null);
  return !!adapter && !adapter.info?.isFallbackAdapter;
}
