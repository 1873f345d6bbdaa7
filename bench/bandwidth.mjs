/**
 * How many bytes of weights a second decoding reads with the real model, beside a kernel that only reads, in turns in one
 * run: `node bench/bandwidth.mjs`. Prints one JSON object. Where /proc tells them, seconds are those of the processor in the
 * browser's GPU process, which a busy machine does not stretch; with a GPU, pass `--wall` for seconds on the clock.
 */
import { readdirSync, readFileSync } from "node:fs";
import { launch } from "../tests/browser/browser.mjs";
import { MODEL, read, requireBuilt, urls } from "../tests/browser/files.mjs";
import { startSite } from "../xtask/serve.mjs";

const ROUNDS = 3;
/** Decoded tokens a round, after two that warm up. */
const TOKENS = 8;
const PROMPT = "Once upon a time, in a small village by the sea,";
/** SmolLM2-135M's matrices, [rows, columns]: all are read once a token. */
const LAYER = [
  [960, 576],
  [576, 576],
  [3072, 576],
  [576, 1536],
];
const LAYERS = 30;
const EMBEDDING = [49152, 576];
/** The adapter's rank, and the layers that it changes. */
const RANK = 32;
const ADAPTED = 22;
/** Bytes of a weight. */
const Q4_1 = 20 / 32;
const Q8_0 = 34 / 32;

const total = (numbers) => numbers.reduce((sum, number) => sum + number, 0);
const WEIGHTS =
  LAYERS * total(LAYER.map(([rows, columns]) => rows * columns)) * Q4_1 +
  ADAPTED * total(LAYER.map(([rows, columns]) => RANK * (rows + columns))) * Q8_0 +
  EMBEDDING[0] * EMBEDDING[1] * Q8_0;

requireBuilt("pkg/dist/worker.js", "pkg/dist/toolgen_bg.wasm", ...Object.values(MODEL));
const site = await startSite({ files: { "/stream.js": read("bench/page/stream.js") } });
const browser = await launch({ webgpu: true });
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(0);
  const seconds = (!process.argv.includes("--wall") && processorSeconds()) || (() => performance.now() / 1000);
  await page.exposeFunction("seconds", seconds);
  await page.goto(`${site.url}blank.html`);
  await page.evaluate(async (files) => {
    const [{ load }, { openStream }] = await Promise.all([import("/pkg/index.js"), import("/stream.js")]);
    window.toolgen = await load({ ...files, device: "webgpu" });
    window.stream = await openStream();
  }, urls(MODEL));
  const rounds = [];
  for (let round = 0; round <= ROUNDS; round++) {
    rounds.push(await page.evaluate(measure, { prompt: PROMPT, tokens: TOKENS }));
  }
  const [, ...counted] = rounds; // the first warms up
  const decode = median(counted.map(({ token }) => WEIGHTS / token / 1e9));
  const stream = median(counted.map(({ byte }) => 1 / byte / 1e9));
  const { description } = await page.evaluate(() => toolgen.device());
  console.log(
    JSON.stringify({ adapter: description, decode_gb_per_s: decode, stream_gb_per_s: stream, ratio: decode / stream }),
  );
} finally {
  await browser.close();
  await site.close();
}

/** Runs in the page: seconds a decoded token and a streamed byte take. */
async function measure({ prompt, tokens }) {
  const timed = async (work) => {
    const before = await seconds();
    const amount = await work();
    return ((await seconds()) - before) / amount;
  };
  const byte = await timed(() => stream(8));
  let start;
  let count = 0;
  for await (const _ of toolgen.complete(prompt, { maxTokens: tokens + 2 })) {
    count += 1;
    if (count === 2) start = await seconds();
  }
  return { byte, token: ((await seconds()) - start) / (count - 2) };
}

/** The processor's seconds in the GPU process of this script's browser; nothing where there is no /proc. */
function processorSeconds() {
  let processes;
  try {
    processes = readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .flatMap(describe);
  } catch {
    return undefined;
  }
  const parents = new Map(processes.map(({ id, parent }) => [id, parent]));
  const ours = (id) => id === process.pid || (id !== undefined && ours(parents.get(id)));
  const gpu = processes.find(({ id, command }) => command.includes("--type=gpu-process") && ours(id));
  return gpu && (() => ticks(gpu.id) / 100);
}

function describe(name) {
  try {
    const command = readFileSync(`/proc/${name}/cmdline`, "utf8");
    return [{ id: Number(name), parent: Number(fields(name)[1]), command }];
  } catch {
    return []; // it has ended
  }
}

/** User and system time, in hundredths of a second. */
function ticks(id) {
  const [user, system] = fields(id).slice(11, 13).map(Number);
  return user + system;
}

/** What /proc tells of a process, from its state on; its name, which comes before, may hold anything. */
function fields(id) {
  const text = readFileSync(`/proc/${id}/stat`, "utf8");
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
