/** wllama, llama.cpp in WebAssembly: 2.3.1 computes on the CPU, 3.13.0 there or on WebGPU. */

const PEERS = "/peers";
const CONTEXT = 1024;
const silent = { debug() {}, log() {}, warn: console.warn, error: console.error };

export async function openWllama2(model, threads) {
  const { Wllama } = await import(`${PEERS}/wllama-2/esm/index.js`);
  const build = `${threads > 1 ? "multi" : "single"}-thread/wllama.wasm`;
  const wllama = new Wllama({ [build]: `${PEERS}/wllama-2/esm/${build}` }, { logger: silent });
  await wllama.loadModel([await blobOf(model)], { n_ctx: CONTEXT, n_threads: threads, seed: 1 });

  const run = async ({ ids }, steps) => {
    await wllama.kvClear();
    await wllama.samplingInit({ temp: 0 });
    const start = performance.now();
    await wllama.decode([...ids], {});
    const tokens = [];
    const times = [];
    for (;;) {
      const { token } = await wllama.samplingSample();
      times.push(performance.now());
      tokens.push(token);
      if (tokens.length > steps) return { start, times, tokens };
      await wllama.samplingAccept([token]);
      await wllama.decode([token], {});
    }
  };
  return { run };
}

/** On an adapter without `shader-f16`, or a browser without JSPI, it would silently compute on the CPU. */
export async function openWllama3WebGpu(model) {
  const adapter = await navigator.gpu?.requestAdapter();
  if (!adapter) return { unavailable: "there is no WebGPU adapter" };
  if (!adapter.features.has("shader-f16")) return { unavailable: "needs shader-f16" };
  return openWllama3(model, 1, 99);
}

export async function openWllama3(model, threads, gpuLayers = 0) {
  const { Wllama } = await import(`${PEERS}/wllama-3/esm/index.js`);
  const wllama = new Wllama({ default: `${PEERS}/wllama-3/esm/wasm/wllama.wasm` }, { logger: silent });
  if (gpuLayers > 0 && !wllama.isSupportWebGPU()) return { unavailable: "needs JSPI" };
  wllama.setCompat(null);
  await wllama.loadModel([await blobOf(model)], { n_ctx: CONTEXT, n_threads: threads, n_gpu_layers: gpuLayers });

  const run = async ({ text }, steps) => {
    const times = [];
    const start = performance.now();
    const stream = await wllama.createCompletion({
      prompt: text,
      max_tokens: steps + 1,
      temperature: 0,
      stream: true,
      cache_prompt: false,
    });
    for await (const { choices } of stream) if (choices[0]?.text) times.push(performance.now());
    return { start, times, tokens: [] };
  };
  return { run };
}

async function blobOf(model) {
  const response = await fetch(model);
  if (!response.ok) throw new Error(`${model}: HTTP ${response.status}`);
  return response.blob();
}
