/** One face for all engines: `run(prompt, steps)` decodes greedily and gives times in milliseconds. */
import { openWllama2, openWllama3, openWllama3WebGpu } from "/wllama.js";

/** Twelve words each, answered by a call with two arguments; they share no beginning, since engines keep what they read. */
const QUESTIONS = [
  "jogged 15 km in 105 min how quick is that per kilometre",
  "What does the text winter is coming give when hashed with sha512?",
  "need to be on a train out of Winterthur heading for Lugano",
  "can I stay on MySQL 8.1, or is it out of support",
  "4 friends, one hotel room for 224, what is it per person?",
];

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

  const events = async function* (stream) {
    for (let event; (event = await stream.next()); ) yield event;
    stream.free();
  };
  const questions = () =>
    askAll(
      (question) => events(engine.call(question, 5)),
      (text) => events(engine.retrieve(text, 5)),
    );
  return { run, questions, description: device.description, modelBytes };
}

/** Milliseconds from a question to its tool's token and to its call; and for each word, ranked as it is typed. */
async function askAll(call, retrieve) {
  const times = [];
  for (const question of QUESTIONS) {
    let start = performance.now();
    let tool;
    for await (const { type } of call(question)) if (type === "tool") tool = performance.now() - start;
    times.push({ tool, call: performance.now() - start });
  }
  for (const question of QUESTIONS) {
    const words = question.split(" ");
    for (let count = 1; count <= words.length; count++) {
      const start = performance.now();
      for await (const _ of retrieve(words.slice(0, count).join(" ")));
      // The first word comes after another question.
      if (count > 1) times.push({ word: performance.now() - start });
    }
  }
  return times;
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
  const retrieve = async function* (text) {
    yield await toolgen.retrieve(text);
  };
  const questions = () => askAll((question) => toolgen.callEvents(question), retrieve);
  return { run, questions };
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
