/**
 * Measures engines side by side in one page: `node bench/bench.mjs ENGINES ROUNDS`, where ENGINES is JSON,
 * [{name, module, model}]. The engines take turns, so that whatever else the machine does hits all alike.
 * Prints one JSON object; progress goes to stderr.
 */
import { launch } from "../tests/browser/browser.mjs";
import { startBench } from "./site.mjs";

const LENGTHS = [32, 128, 512];
const STEPS = 32;
/** The prompt length after which the one number `decode_tps` is taken. */
const USUAL_LENGTH = 128;

const [list, most] = process.argv.slice(2);
const ROUNDS = Number(most);
const asked = JSON.parse(list);

const site = await startBench();
const browser = await launch({ webgpu: true });
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(0); // a slow engine is a result, not a failure
  await page.goto(site.url);
  const report = { rounds: ROUNDS, engines: {} };
  const engines = [];
  for (const [index, engine] of asked.entries()) {
    console.error(`loading ${engine.name}`);
    const { unavailable } = await page.evaluate(loadEngine, { engine, index });
    if (unavailable) {
      report.engines[engine.name] = { unavailable };
      continue;
    }
    const measured = {
      ...engine,
      index,
      runs: Object.fromEntries(LENGTHS.map((length) => [length, []])),
      questions: [],
    };
    await run(measured, LENGTHS[0], 0); // lets the browser's optimizing compiler finish
    engines.push(measured);
  }
  for (let round = 0; round < ROUNDS; round++) {
    console.error(`round ${round + 1} of ${ROUNDS}`);
    const order = engines.map((_, turn) => engines[(round + turn) % engines.length]);
    const taking = order.filter(({ rounds = ROUNDS }) => round < rounds);
    for (const [at, length] of LENGTHS.entries()) {
      for (const engine of taking.filter(({ longest = Infinity }) => length <= longest)) {
        engine.runs[length].push(await run(engine, length, 1 + at + round * LENGTHS.length));
      }
    }
    for (const engine of taking) {
      const times = await page.evaluate((index) => globalThis.engines[index].questions?.(), engine.index);
      engine.questions.push(...(times ?? []));
    }
  }
  for (const engine of engines) {
    const { memory, modelBytes, description } = await page.evaluate(describeEngine, engine.index);
    const speed = speeds(engine.runs);
    report.engines[engine.name] = {
      threads: engine.threads ?? 1,
      ...speed,
      ...Object.fromEntries(
        Object.entries({ first_tool_token_ms: "tool", call_ms: "call", word_ms: "word" }).map(([name, key]) => {
          const times = engine.questions.map((asked) => asked[key]).filter((time) => time !== undefined);
          return [name, times.length > 0 ? round1(median(times)) : undefined];
        }),
      ),
      memory_mb: memory === undefined ? undefined : round1(memory / 1e6),
    };
    const perToken = engine.runs[USUAL_LENGTH][0]?.perToken;
    if (perToken) report.webgpu = webgpu(perToken, modelBytes, description);
  }
  report.memory_mb = report.engines[asked[0].name].memory_mb;
  report.agreement = agreement(engines);
  console.log(JSON.stringify(report));

  function run({ index }, length, turn) {
    return page.evaluate(runEngine, { index, length, turn, steps: STEPS });
  }
} finally {
  await browser.close();
  await site.close();
}

// These three run in the page.
async function loadEngine({ engine, index }) {
  const { load } = await import("/engines.js");
  globalThis.engines ??= [];
  const loaded = (globalThis.engines[index] = await load(engine, index));
  return { unavailable: loaded.unavailable };
}

async function runEngine({ index, length, turn, steps }) {
  const { promptOf } = await import("/prompt.js");
  return globalThis.engines[index].run(promptOf(length, turn), steps);
}

function describeEngine(index) {
  const { memory, modelBytes, description } = globalThis.engines[index];
  return { memory: memory?.(), modelBytes, description };
}

function speeds(runs) {
  const prefill_tps = {};
  const decode_tps_after = {};
  for (const length of LENGTHS.filter((length) => runs[length].length > 0)) {
    prefill_tps[length] = round1((1000 * length) / median(runs[length].map((run) => run.prefill)));
    decode_tps_after[length] = round2(1000 / median(runs[length].map((run) => run.decode)));
  }
  return { prefill_tps, decode_tps: decode_tps_after[USUAL_LENGTH], decode_tps_after };
}

/** What a token asks of the GPU. */
function webgpu(perToken, modelBytes, adapter) {
  return {
    adapter,
    submits_per_token: perToken.submits,
    readback_bytes_per_token: perToken.bytesRead,
    dispatches_per_token: perToken.dispatches,
    created_after_warmup: perToken.created,
    model_mb: round1(modelBytes / 1e6),
  };
}

/** How many of the first tokens the first two engines share: with the same file they do the same work. */
function agreement([first, second]) {
  if (!second) return undefined;
  const common = LENGTHS.filter((length) => first.runs[length].length > 0 && second.runs[length].length > 0);
  const shared = common.map((length) => {
    const [ours, theirs] = [first, second].map(({ runs }) => runs[length][0].tokens);
    const differ = ours.findIndex((token, index) => token !== theirs[index]);
    return [length, `${differ < 0 ? ours.length : differ} of ${ours.length}`];
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

function round2(value) {
  return value === undefined ? undefined : Math.round(value * 100) / 100;
}
