/** One engine for all pages and frames of an origin that ask for it, where browsers have shared workers. */
import type { WorkerLike } from "./client.js";

/**
 * For `load({ worker: sharedWorker })`. The pages must load the same files by their URLs, and each is offered only the tools
 * that it has loaded or registered; a name means the same tool to all. Without shared workers each page has an engine of
 * its own. There, and on the GPU, which shared workers may lack, `device()` says where it computes.
 */
export function sharedWorker(): WorkerLike {
  // The workers' URLs are written in one piece: this is the form that bundlers recognise.
  if (typeof SharedWorker === "undefined")
    return new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  const shared = new SharedWorker(new URL("./shared-worker.js", import.meta.url), { type: "module", name: "toolgen" });
  const { port } = shared;
  const gone = new AbortController();
  const { signal } = gone;
  const worker: WorkerLike = {
    onmessage: null,
    postMessage: (message) => port.postMessage(message),
    terminate() {
      port.postMessage({ leave: true });
      port.close();
      gone.abort();
    },
  };
  const fail = (message: string) => worker.onerror?.(new ErrorEvent("error", { message }));
  port.onmessage = (event) => ("crashed" in event.data ? fail(event.data.crashed) : worker.onmessage?.(event));
  port.onmessageerror = (event) => worker.onmessageerror?.(event);
  shared.onerror = (event) => fail((event as ErrorEvent).message);
  // The worker waits for this lock: it gets it when the page is gone, however that came.
  const lock = `toolgen page ${Date.now()} ${Math.random()}`;
  const hold = () => {
    port.postMessage({ lock });
    return new Promise<Event>((resolve) => signal.addEventListener("abort", resolve));
  };
  navigator.locks?.request(lock, { signal }, hold).catch(() => {}); // denied, or gone before it came
  // Plain http has no locks. A page that is kept for Back is not gone.
  addEventListener("pagehide", ({ persisted }) => persisted || port.postMessage({ leave: true }), { signal });
  return worker;
}
