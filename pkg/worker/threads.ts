/**
 * The worker of isolated pages. Its module's memory is shared: further workers, of this same script, run the module
 * over it and help with products.
 */
import { ToolgenError } from "../core/errors.js";
import type { FromWorker, Port, ToWorker } from "../protocol.js";
import {
  CheckpointReader,
  Device,
  help,
  help_failed,
  import_openapi,
  initSync,
  memory_bytes,
  simd,
} from "../wasm/toolgen_threads.js";
import type { Patience } from "../download/exchange.js";
import { holdLife, type Alive } from "../util/life.js";
import { compile } from "./compile.js";
import { whyNotRelaxed } from "./modules.js";
import { serve } from "./serve.js";
import type { WasmModule } from "./wasm.js";

const HELPER = "toolgen helper";
type Scope = Port<ToWorker, FromWorker | Alive> & { name: string; location: Location };
const scope = globalThis as unknown as Scope;

/** What a helper is started with. */
interface Shared {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
}

let shared: Shared | undefined;

async function start(url: URL, patience?: Patience): Promise<Pick<Shared, "memory">> {
  const reason = whyNotRelaxed();
  if (reason) throw new ToolgenError("wasm", reason);
  const module = await compile(url, patience);
  const { memory } = initSync({ module });
  shared = { module, memory };
  return shared;
}

/** Undefined where the script's policy has Trusted Types, which no worker's address is one of. */
function startHelper(): Worker | undefined {
  try {
    // Not `new URL(…, import.meta.url)`: it is this script, wherever a bundler put it.
    return new Worker(scope.location.href, { type: "module", name: HELPER });
  } catch {
    return undefined;
  }
}

let started = 0;
let helping = 0;

/** Has as many further workers help; those that fail to start are done without. */
async function startHelpers(count: number): Promise<void> {
  const starts = [];
  for (; started < count; started++) {
    const helper = startHelper();
    if (!helper) break;
    helper.postMessage(shared);
    starts.push(
      new Promise<void>((resolve) => {
        helper.onmessage = ({ data: isReady }: MessageEvent<boolean>) => resolve(void (helping += Number(isReady)));
        helper.onerror = () => resolve();
      }),
    );
  }
  await Promise.all(starts);
}

function serveAsHelper({ module, memory }: Shared): void {
  try {
    initSync({ module, memory });
  } catch {
    return postMessage(false);
  }
  postMessage(true);
  try {
    help(); // for ever
  } catch {
    help_failed();
  }
}

if (scope.name === HELPER) globalThis.onmessage = ({ data }: MessageEvent<Shared>) => serveAsHelper(data);
else {
  const engine = { CheckpointReader, Device, import_openapi, memory_bytes, simd };
  const module = { ...engine, start, startHelpers, helpers: () => helping };
  const modules = { strict: new URL("./toolgen_threads_bg.wasm", import.meta.url) };
  serve(scope, module as unknown as WasmModule, modules);
  holdLife((alive) => scope.postMessage({ alive }));
}
