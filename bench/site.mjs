/** The benchmark's site: its page, this engine, its peers, and the models in the peers' formats. */
import { startSite } from "../xtask/serve.mjs";

export function startBench() {
  return startSite({
    folders: {
      "/": "bench/page",
      "/toolgen/": "pkg/wasm",
      "/candle/": "target/xtask/candle",
      "/peers/": "bench/peers/node_modules",
      "/bench/": "target/xtask/bench",
    },
  });
}
