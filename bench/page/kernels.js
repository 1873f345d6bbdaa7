/** The kernels that read the weights, on the model's matrices: ours, onnxruntime-web's, and one that only reads. */
import { openOnnxRuntime, openProduct, TOLERANCES } from "/onnxruntime.js";
import { openStream } from "/stream.js";

/** [rows, columns], and where our self-test has them; there the second computes SwiGLU and the last ranks, too. */
const MATRICES = [
  { shape: [960, 576], test: 2 },
  { shape: [576, 576], test: 5 },
  { shape: [3072, 576], test: 6 },
  { shape: [576, 1536], test: 7 },
  { shape: [49152, 576], test: 17 },
];
/** Q8_0's bytes a weight: counted for all, so that equal figures are equal times. */
const WEIGHT = 34 / 32;
const ROUNDS = 3;
/** Milliseconds that a measurement lasts at least. */
const MEASURED = 100;

/** Each kernel's best of some rounds, which take turns, in GB/s. */
export async function measureKernels() {
  if (!(await navigator.gpu?.requestAdapter())) return { unavailable: "there is no WebGPU adapter" };
  const stream = await openStream();
  const device = await openDevice();
  const ort = await openOnnxRuntime();
  const peer = `onnxruntime-web ${ort.env.versions.web}`;
  const best = { stream: 0, toolgen: {}, [peer]: {} };
  let unavailable;
  for (const { shape, test } of MATRICES) {
    const name = shape.join(" × ");
    const raise = (kernel, rate) => (best[kernel][name] = Math.max(best[kernel][name] ?? 0, rate));
    const products = []; // the faster counts
    try {
      for (const accuracy of unavailable ? [] : TOLERANCES.keys())
        products.push(await openProduct(ort, shape, accuracy));
    } catch (error) {
      unavailable = error.message;
    }
    for (let round = 0; round < ROUNDS; round++) {
      best.stream = Math.max(best.stream, await rate(stream));
      raise("toolgen", await ownRate(device, test, name));
      for (const { run } of products) raise(peer, WEIGHT * (await rate(run)));
    }
    for (const { close } of products) await close();
  }
  if (unavailable) best[peer] = { unavailable };
  return { adapter: device.description, gb_per_s: best };
}

async function openDevice() {
  const toolgen = await import("/toolgen/toolgen.js");
  await toolgen.default({ module_or_path: "/toolgen/toolgen_bg.wasm" });
  return toolgen.Device.open("unchecked");
}

async function ownRate(device, test, name) {
  const { shape, ok, gbPerS } = await device.selfTest(test);
  if (!ok || !shape.startsWith(`1 token, ${name} Q8_0`))
    throw new Error(`test ${test}, ${shape}, is wrong or not of ${name}`);
  return gbPerS ?? 0;
}

/** How many billions a second of what `work` counts. */
async function rate(work) {
  for (let runs = 1; ; runs *= 4) {
    const start = performance.now();
    const amount = await work(runs);
    const milliseconds = performance.now() - start;
    if (milliseconds >= MEASURED) return amount / milliseconds / 1e6;
  }
}
