/** The script of a shared worker: pages connect, one engine serves them. */
import type { FromWorker, Port, ToWorker } from "../protocol.js";
import { initSync } from "../wasm/toolgen.js";
import type { Patience } from "../download/exchange.js";
import { holdLife, type Alive } from "../util/life.js";
import { bindings } from "./bindings.js";
import { compile } from "./compile.js";
import { Hub } from "./hub.js";
import { serve } from "./serve.js";
import type { WasmModule } from "./wasm.js";

interface Scope {
  onconnect: ((event: MessageEvent) => void) | null;
  close(): void;
}
/** A page says once that it holds a lock as long as it lives, and that it leaves. */
type OfPage = { lock: string } | { leave: true };

const scope = globalThis as unknown as Scope;
const start = async (url: URL, patience?: Patience) => initSync({ module: await compile(url, patience) });
const module = { start, ...bindings };
const modules = {
  strict: new URL("./toolgen_bg.wasm", import.meta.url),
  relaxed: new URL("./toolgen_relaxed_bg.wasm", import.meta.url),
};
// The next page that asks gets another worker, with another memory.
const hub = new Hub(() => scope.close());
serve(hub.engine, module as unknown as WasmModule, modules);

scope.onconnect = ({ ports: [port] }) => {
  const page = hub.connect(port as unknown as Port<ToWorker, FromWorker>);
  holdLife((alive) => port!.postMessage({ alive } satisfies Alive));
  const take = port!.onmessage!;
  port!.onmessage = (event: MessageEvent<ToWorker | OfPage>) => {
    const { data } = event;
    if ("leave" in data) page.leave();
    else if ("lock" in data) navigator.locks.request(data.lock, () => page.leave()).catch(() => {});
    else take.call(port!, event as MessageEvent<ToWorker>);
  };
};
