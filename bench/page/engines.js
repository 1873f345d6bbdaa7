/** One face for all engines: `run(prompt, steps)` decodes greedily and gives times in milliseconds. */
import { openWllama2, openWllama3, openWllama3WebGpu } from "/wllama.js";

/** A question that a tool of the pack answers. */
const QUESTION = "What is the weather in Oslo right now?";

/**
 * An engine, or why it is `unavailable` here.
 * @param key makes each engine's module an instance, with a memory, of its own
 */
export async function load({ peer, module, wasm: file, model, adapter, device = "cpu", pack, threads = 1 }, key) {
  const peers = { wllama2: openWllama2, wllama3: openWllama3, wllama3webgpu: openWllama3WebGpu };
  if (peer) return timed(await peers[peer](model, threads));
  if (threads > 1) return timed(await openPackage({ checkpoint: model, adapter, pack, device, threads }));
  const wasm = await import(`${module}?${key}`);
  await wasm.default({ module_or_path: file ?? module.replace(/\.js$/, "_bg.wasm") });
  const response = await fetch(model);
  if (!response.ok) throw new Error(`${model}: HTTP ${response.status}`);
  const engine = await (wasm.CheckpointReader
    ? openToolgen(wasm, response, device, { adapter, pack })
    : openCandle(wasm, response));
  return { ...timed(engine), memory: () => wasm.memory_bytes() };
}

async function openToolgen(wasm, response, choice, { adapter, pack }) {
  const device = await wasm.Device.open(choice);
  const bytesOf = async (url) => new Uint8Array(await (await fetch(url)).arrayBuffer());
  const checkpointBytes = Number(response.headers.get("content-length"));
  const reader = new wasm.CheckpointReader(checkpointBytes, device);
  const update = await bytesOf(adapter);
  reader.adapt(update);
  for await (const chunk of response.body) reader.push(chunk);
  const engine = await reader.finish();
  engine.load_pack(await bytesOf(pack));
  const modelBytes = checkpointBytes + update.length;

  const run = async ({ text, ids }, steps) => {
    const times = [];
    const tokens = [];
    const counters = [];
    const start = performance.now();
    const stream = engine.complete(text, steps + 1);
    for (let event; (event = await stream.next()); ) {
      if (event.type === "prefill" && event.total !== ids.length) {
        throw new Error(`the prompt became ${event.total} tokens in place of ${ids.length}`);
      }
      if (event.type !== "token") continue;
      times.push(performance.now());
      tokens.push(event.id);
      counters.push(device.counters);
    }
    stream.free();
    return { start, times, tokens, perToken: perToken(counters) };
  };

  /** Milliseconds from a question to the tool's token. */
  const firstToolToken = async () => {
    const start = performance.now();
    const stream = engine.call(QUESTION, 5);
    for (let event; (event = await stream.next()); ) {
      if (event.type !== "tool") continue;
      stream.free();
      return performance.now() - start;
    }
    throw new Error("no tool was chosen");
  };
  return { run, firstToolToken, description: device.description, modelBytes };
}

/** Threads wait for each other, which only workers may: the package, with all that its messages cost. */
async function openPackage(options) {
  const { load } = await import("/pkg/index.js");
  const toolgen = await load({ ...options, cache: "none" });
  const { threads } = await toolgen.device();
  if (threads.count !== options.threads) return { unavailable: threads.reason };
  const run = async ({ text }, steps) => {
    const [times, tokens] = [[], []];
    const start = performance.now();
    for await (const { id } of toolgen.complete(text, { maxTokens: steps + 1 })) {
      times.push(performance.now());
      tokens.push(id);
    }
    return { start, times, tokens };
  };
  const firstToolToken = async () => {
    const start = performance.now();
    for await (const { type } of toolgen.callEvents(QUESTION)) if (type === "tool") return performance.now() - start;
  };
  return { run, firstToolToken };
}

/** What the GPU was asked for each token after the first two, which may still make buffers. */
function perToken(counters) {
  const [before, after] = [counters[2], counters.at(-1)];
  if (!before) return undefined;
  return Object.fromEntries(Object.keys(after).map((key) => [key, (after[key] - before[key]) / (counters.length - 3)]));
}

async function openCandle(wasm, response) {
  const engine = new wasm.Candle(new Uint8Array(await response.arrayBuffer()));

  const run = async ({ ids }, steps) => {
    const start = performance.now();
    const tokens = [engine.prefill(ids)];
    const times = [performance.now()];
    while (tokens.length <= steps) {
      tokens.push(engine.step(tokens.at(-1)));
      times.push(performance.now());
    }
    return { start, times, tokens };
  };
  return { run };
}

/** Prefill lasts to the first token, which is what a user waits for; decoding is the rest. */
function timed({ run, ...engine }) {
  const timedRun = async (prompt, steps) => {
    const { start, times, ...rest } = await run(prompt, steps);
    if (times.length < 2) throw new Error(`the engine stopped after ${times.length} tokens`);
    return { prefill: times[0] - start, decode: (times.at(-1) - times[0]) / (times.length - 1), ...rest };
  };
  return { ...engine, run: run && timedRun };
}
