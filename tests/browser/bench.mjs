/**
 * Measures engines side by side in one page: `node bench.mjs URL ENGINES`, where ENGINES is JSON,
 * [{name, module, model}]. The engines take turns, so that whatever else the machine does hits all alike.
 * Prints one JSON object; progress goes to stderr.
 */
import { launch } from "./browser.mjs";

const LENGTHS = [32, 128, 512];
const ROUNDS = 5;
const STEPS = 32;
/** The prompt length after which the one number `decode_tps` is taken. */
const USUAL_LENGTH = 128;

const [url, list] = process.argv.slice(2);
const engines = JSON.parse(list);

const browser = await launch({ webgpu: true });
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(0); // a slow engine is a result, not a failure
  await page.goto(url);
  for (const [index, engine] of engines.entries()) {
    console.error(`loading ${engine.name}`);
    await page.evaluate(loadEngine, { engine, index });
    await run(index, LENGTHS[0]); // lets the browser's optimizing compiler finish
  }
  const runs = engines.map(() => Object.fromEntries(LENGTHS.map((length) => [length, []])));
  for (let round = 0; round < ROUNDS; round++) {
    console.error(`round ${round + 1} of ${ROUNDS}`);
    for (const length of LENGTHS) {
      for (let turn = 0; turn < engines.length; turn++) {
        const index = (round + turn) % engines.length;
        if (round >= (engines[index].rounds ?? ROUNDS)) continue;
        runs[index][length].push(await run(index, length));
      }
    }
  }
  const memory = await page.evaluate(() => globalThis.engines.map((engine) => engine.memory() / 1e6));
  const report = { engines: {}, memory_mb: round1(memory[0]), agreement: agreement(runs) };
  for (const [index, { name }] of engines.entries()) {
    report.engines[name] = { threads: 1, ...speeds(runs[index]), memory_mb: round1(memory[index]) };
    const { perToken } = runs[index][USUAL_LENGTH][0];
    if (perToken) {
      const adapter = await page.evaluate((index) => globalThis.engines[index].description, index);
      report.webgpu = {
        adapter,
        submits_per_token: perToken.submits,
        readback_bytes_per_token: perToken.bytesRead,
        dispatches_per_token: perToken.dispatches,
        created_after_warmup: perToken.created,
      };
    }
  }
  console.log(JSON.stringify(report));

  function run(index, length) {
    return page.evaluate(runEngine, { index, length, steps: STEPS });
  }
} finally {
  await browser.close();
}

// These two run in the page.
async function loadEngine({ engine, index }) {
  const { load } = await import("/engines.js");
  globalThis.engines ??= [];
  globalThis.engines[index] = await load(engine, index);
}

async function runEngine({ index, length, steps }) {
  const { promptOf } = await import("/prompt.js");
  return globalThis.engines[index].run(promptOf(length), steps);
}

function speeds(runs) {
  const prefill_tps = {};
  const decode_tps_after = {};
  for (const length of LENGTHS) {
    prefill_tps[length] = round1((1000 * length) / median(runs[length].map((run) => run.prefill)));
    decode_tps_after[length] = round1(1000 / median(runs[length].map((run) => run.decode)));
  }
  return { prefill_tps, decode_tps: decode_tps_after[USUAL_LENGTH], decode_tps_after };
}

/** How many of the first tokens the first two engines share: with the same file they do the same work. */
function agreement(runs) {
  if (runs.length < 2) return undefined;
  const shared = LENGTHS.map((length) => {
    const [ours, theirs] = runs.map((run) => run[length][0].tokens);
    const differ = ours.findIndex((token, index) => token !== theirs[index]);
    return [length, `${differ < 0 ? ours.length : differ} of ${STEPS + 1}`];
  });
  return Object.fromEntries(shared);
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

function round1(value) {
  return Math.round(value * 10) / 10;
}
