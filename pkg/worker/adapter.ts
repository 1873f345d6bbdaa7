/** The browser's GPU, whose driver may hang. */
import { within } from "../util/within.js";

interface Gpu {
  requestAdapter(options?: object): Promise<unknown>;
}

/** An adapter that never comes counts as none, for the module too: then the processor takes over. */
export function boundAdapter(ms?: number): void {
  const { gpu } = (globalThis.navigator ?? {}) as { gpu?: Gpu };
  const request = gpu?.requestAdapter;
  if (request) gpu.requestAdapter = (options) => within(request.call(gpu, options), ms).catch(() => null);
}
