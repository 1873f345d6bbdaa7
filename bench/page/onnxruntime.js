/** onnxruntime-web's product of a matrix of eight bits on WebGPU. There is no ONNX file of the model: this is its kernel. */
import { matMulNBits } from "/onnx.js";

const FOLDER = "/peers/onnxruntime-web/dist/";
const BLOCK = 32;
/** Weights that a run reads at least: a small product alone would measure the run. */
const LEAST = 16e6;
/** MatMulNBits's accuracy_level, with the error allowed in parts of the largest result: 4 rounds activations to eight bits. */
export const TOLERANCES = new Map([
  [0, 1e-5],
  [4, 0.01],
]);

/** One thread: the page is not isolated, as most are not. */
export async function openOnnxRuntime() {
  const ort = await import(`${FOLDER}ort.webgpu.min.mjs`);
  ort.env.wasm.wasmPaths = FOLDER;
  ort.env.wasm.numThreads = 1;
  ort.env.webgpu.powerPreference = "high-performance";
  return ort;
}

/** Its `run` repeats the product and resolves with how many weights that multiplied. Fails if a product is wrong. */
export async function openProduct(ort, [rows, columns], accuracy) {
  const random = generator(1);
  const weights = Uint8Array.from({ length: rows * columns }, () => 256 * random());
  const scales = Float32Array.from({ length: weights.length / BLOCK }, () => 0.01 * random());
  const x = Float32Array.from({ length: columns }, () => 2 * random() - 1);
  const times = Math.ceil(LEAST / weights.length);
  const model = matMulNBits({ rows, columns, block: BLOCK, weights, scales, accuracy, times });
  const session = await ort.InferenceSession.create(model, {
    executionProviders: ["webgpu"],
    extra: { session: { disable_cpu_ep_fallback: "1" } }, // refused in place of computed on the CPU
    graphOptimizationLevel: "disabled", // would merge the products, which are all the same
    preferredOutputLocation: "gpu-buffer",
  });
  const device = await ort.env.webgpu.device;
  const feeds = { x: new ort.Tensor("float32", x, [1, columns]) };

  const run = async (runs) => {
    for (let i = 0; i < runs; i++) {
      const outputs = await session.run(feeds);
      for (const output of Object.values(outputs)) output.dispose();
    }
    await device.queue.onSubmittedWorkDone();
    return runs * times * weights.length;
  };
  const error = difference(await (await session.run(feeds)).y0.getData(), product(x, weights, scales));
  if (!(error <= TOLERANCES.get(accuracy))) throw new Error(`the product is wrong by ${error}`);
  return { run, close: () => session.release() };
}

/** The same in plain JavaScript; a weight of 128 is zero. */
function product(x, weights, scales) {
  return Float32Array.from({ length: weights.length / x.length }, (_, row) =>
    x.reduce((sum, value, column) => {
      const index = row * x.length + column;
      return sum + value * (weights[index] - 128) * scales[Math.floor(index / BLOCK)];
    }, 0),
  );
}

/** The largest, in parts of the largest expected number. */
function difference(found, expected) {
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return expected.reduce((most, value, row) => Math.max(most, Math.abs(value - found[row])), 0) / largest;
}

/** Numbers below one, the same for the same seed. */
function generator(seed) {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}
