/** One face for all engines: `run(prompt, steps)` decodes greedily and gives times in milliseconds. */

/** @param key makes each engine's module an instance, with a memory, of its own */
export async function load({ module, model, device = "cpu" }, key) {
  const wasm = await import(`${module}?${key}`);
  await wasm.default({ module_or_path: module.replace(/\.js$/, "_bg.wasm") });
  const response = await fetch(model);
  if (!response.ok) throw new Error(`${model}: HTTP ${response.status}`);
  const open = wasm.CheckpointReader ? openToolgen : openCandle;
  return { ...(await open(wasm, response, device)), memory: () => wasm.memory_bytes() };
}

async function openToolgen(wasm, response, choice) {
  const device = await wasm.Device.open(choice);
  const reader = new wasm.CheckpointReader(Number(response.headers.get("content-length")), device);
  for await (const chunk of response.body) reader.push(chunk);
  const engine = await reader.finish();

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
    return { ...timing(start, times, tokens), perToken: perToken(counters) };
  };
  return { run, description: device.description };
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
    return timing(start, times, tokens);
  };
  return { run };
}

/** Prefill lasts to the first token, which is what a user waits for; decoding is the rest. */
function timing(start, times, tokens) {
  if (times.length < 2) throw new Error(`the engine stopped after ${times.length} tokens`);
  return { prefill: times[0] - start, decode: (times.at(-1) - times[0]) / (times.length - 1), tokens };
}
