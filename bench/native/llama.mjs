/**
 * llama.cpp and this engine on the same file, natively, in turns: `node bench/native/llama.mjs TOOLGEN ROUNDS CORES FILE…`,
 * where TOOLGEN is the command line's binary. Prints one JSON object.
 */
import { execFileSync } from "node:child_process";
import { basename } from "node:path";
import { getLlama, LlamaLogLevel } from "node-llama-cpp";

const LENGTHS = [32, 128, 512];
const STEPS = 32;

const [toolgen, rounds, cores, ...files] = process.argv.slice(2);
const report = {};
for (const file of files) {
  console.error(basename(file));
  const theirs = await openLlama(file, Number(cores));
  const runs = { llama: [], toolgen: [] };
  for (let round = 0; round <= Number(rounds); round++) {
    runs.llama.push(await theirs.run());
    runs.toolgen.push(runToolgen(file));
  }
  await theirs.dispose();
  report[basename(file, ".gguf")] = Object.fromEntries(
    Object.entries(runs).map(([name, [_warmUp, ...counted]]) => [name, medians(counted)]),
  );
}
console.log(JSON.stringify(report));

async function openLlama(modelPath, threads) {
  const llama = await getLlama({ gpu: false, build: "never", logLevel: LlamaLogLevel.error, maxThreads: threads });
  const model = await llama.loadModel({ modelPath });
  const context = await model.createContext({ contextSize: 1024, batchSize: 512, threads });
  const sequence = context.getSequence();
  const run = async () => {
    const speeds = [];
    for (const length of LENGTHS) {
      const prompt = Array.from({ length }, (_, i) => 1000 + ((i * 7) % 20_000));
      await sequence.clearHistory();
      const times = [performance.now()];
      for await (const _ of sequence.evaluate(prompt, { temperature: 0, yieldEogToken: true })) {
        if (times.push(performance.now()) > STEPS + 1) break;
      }
      const [start, first] = times;
      speeds.push({
        tokens: length,
        prefill_tps: (1000 * length) / (first - start),
        decode_tps: (1000 * (times.length - 2)) / (times.at(-1) - first),
      });
    }
    return speeds;
  };
  return { run, dispose: () => llama.dispose() };
}

function runToolgen(file) {
  const options = ["--lengths", LENGTHS.join(), "--steps", STEPS, "--repeats", 1, "--cores", cores];
  const command = ["--json", "--checkpoint", file, "bench", "decoder", ...options];
  return JSON.parse(execFileSync(toolgen, command.map(String), { encoding: "utf8" })).decoder;
}

/** Of each length's speeds. */
function medians(runs) {
  return runs[0].map(({ tokens }, at) => {
    const median = (key) => {
      const values = runs.map((run) => run[at][key]).sort((a, b) => a - b);
      return Math.round(values[Math.floor(values.length / 2)] * 10) / 10;
    };
    return { tokens, prefill_tps: median("prefill_tps"), decode_tps: median("decode_tps") };
  });
}
