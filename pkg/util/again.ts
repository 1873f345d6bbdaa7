import { backOffMs } from "./back-off.js";
import { sleep } from "./signals.js";

const RETRIES = 2;
const MAX_WAIT_MS = 2000;

/** Tries twice more where the network fails, as for a moment it may: `fetch` throws a TypeError then, in all browsers. */
export async function again<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof TypeError) || failures > RETRIES) throw error;
      await sleep(backOffMs(failures, MAX_WAIT_MS, Math.random), signal);
    }
  }
}
