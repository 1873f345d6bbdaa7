/** The benchmark's site: its page, this engine, its peers, and the models in the peers' formats. */
import { startSite } from "../xtask/serve.mjs";

/** Isolated, so that engines which have threads can use them. */
export function startBench() {
  return startSite({
    isolated: true,
    folders: {
      "/": "bench/page",
      "/toolgen/": "pkg/wasm",
      "/candle/": "target/xtask/candle",
      "/peers/": "bench/peers/node_modules",
      "/bench/": "target/xtask/bench",
    },
  });
}
