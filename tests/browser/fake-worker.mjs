/**
 * A worker with a table in the model's place, for the page's states: served as the package's `worker.js`, so that the
 * page and all of the package but the worker are what ships.
 */

/**
 * The script. `answers` has a run for each question: its steps, `{ name, arguments, missing, candidates, probabilities }`, or
 * `{ abstain: reason }`; other questions fit no tool. `free` of a step are the tokens that are written without the grammar. With `hold` the model loads when the test says so: see `tell()`.
 */
export function fakeWorker({ tools, answers, hold = false, device = DEVICE }) {
  return `(${worker})(${JSON.stringify({ tools, answers, hold, device })});`;
}

const DEVICE = {
  kind: "cpu",
  reason: "This browser has no WebGPU.",
  simd: { kind: "relaxed" },
  threads: { count: 1 },
  startup: {},
};

/**
 * What a held worker does next: `{ progress }`, `{ ready: true }` or `{ error: { code, message } }`. One that has just been
 * started hears nothing yet, so it is told until it says that it has heard.
 */
export function tell(page, message) {
  return page.evaluate(async (message) => {
    const channel = new BroadcastChannel("fake-worker");
    const heard = new Promise((resolve) => (channel.onmessage = ({ data }) => data === "heard" && resolve()));
    const again = setInterval(() => channel.postMessage(message), 100);
    channel.postMessage(message);
    await heard;
    clearInterval(again);
    channel.close();
  }, message);
}

/** Runs in the browser; nothing from outside is in reach. */
function worker({ tools, answers, hold, device }) {
  const runs = new Map();
  const say = (id, event) => postMessage({ id, type: "event", event });

  onmessage = ({ data }) => {
    const { id, type } = data;
    if (type === "load") return load(id);
    if (type === "device") return postMessage({ id, type: "done", value: device });
    if (type === "memory") return postMessage({ id, type: "done", value: { wasmBytes: 1e8, checkpointBytes: 1e8 } });
    if (type === "register") return register(id, data.tools);
    if (type === "cancel") return runs.delete(id);
    if (type === "teach") return postMessage({ id, type: "done", value: null });
    if (type === "unregister") {
      tools = tools.filter(({ name }) => !data.names.includes(name));
      return postMessage({ id, type: "done", value: null });
    }
    if (type === "reply") return goOn(id, data.reply);
    if (type === "complete") {
      const message = `the question has ${data.prompt.split(/\b/).length} tokens, more than the 0 that fit; shorten it`;
      return postMessage({ id, type: "error", code: "question_too_long", message });
    }
    if (type === "completeArguments") {
      for (const text of answers[data.query.text][0].free ?? ["{}"]) say(id, { type: "token", id: 1, text });
      return postMessage({ id, type: "done" });
    }
    if (data.query.text.trim() === "")
      return postMessage({ id, type: "error", code: "question_empty", message: "The question is empty." });
    runs.set(id, run(id, data));
    goOn(id);
  };

  function load(id) {
    if (!hold) return postMessage({ id, type: "done", value: tools });
    const channel = new BroadcastChannel("fake-worker");
    channel.onmessage = ({ data: { progress, ready, error } }) => {
      channel.postMessage("heard");
      if (progress) postMessage({ id, type: "progress", progress });
      if (ready) postMessage({ id, type: "done", value: tools });
      if (error) postMessage({ id, type: "error", ...error });
    };
  }

  /** Tools of one description are what may be confused, as far as a table knows. */
  function register(id, added) {
    tools = [...tools.filter(({ name }) => !added.some((tool) => tool.name === name)), ...added];
    postMessage({ id, type: "progress", progress: { done: added.length, total: added.length, cached: 0 } });
    const fresh = added.map(({ name }) => name);
    const conflicts = added.flatMap(({ name, description }) =>
      tools
        .filter((other) => other.description === description && other.name < name)
        .map((other) => ({ tools: [other.name, name], similarity: 0.95 })),
    );
    postMessage({ id, type: "done", value: { added, fresh, narrowed: [], skipped: [], conflicts } });
  }

  /** To the next event that wants a reply. */
  function goOn(id, reply) {
    const run = runs.get(id);
    if (!run) return;
    if (run.next(reply).done) {
      runs.delete(id);
      postMessage({ id, type: "done" });
    }
  }

  function* run(id, { query, topK, maxSteps = 1 }) {
    const planned = Object.hasOwn(answers, query.text) ? answers[query.text] : { abstain: "no_tool" };
    const calls = [];
    const end = (reason, more) => say(id, { type: "end", reason, calls, ...more });
    say(id, { type: "prefill", done: 12, total: 12 });
    if (planned.abstain) {
      const tools = planned.abstain === "language" ? [] : ranked(undefined, topK, 0.1);
      say(id, { type: "ranking", tools, abstain: 0.7, sure: false });
      say(id, { type: "abstain", reason: planned.abstain });
      return end("abstained");
    }
    for (const step of planned.slice(0, maxSteps)) {
      let { name, candidates, probabilities = [0.31, 0.22, 0.12], missing = [], arguments: args = {} } = step;
      if (candidates) {
        const tools = candidates.map((name, i) => ({ name, probability: probabilities[i] }));
        say(id, { type: "ranking", tools, abstain: 0.18, sure: false });
        const reply = yield say(id, { type: "choose", candidates: tools });
        if (reply.tool === null) return end(calls.length > 0 ? "done" : "abstained");
        name = reply.tool;
      } else say(id, { type: "ranking", tools: ranked(name, topK, 0.96), abstain: 0.01, sure: true });
      if (step.look) say(id, { type: "look", name, probability: step.look });
      say(id, { type: "tool", name });
      for (const text of JSON.stringify(args).match(/.{1,6}/gsu)) say(id, { type: "arguments", text });
      if (missing.length > 0) return end("asked", { tool: name, arguments: args, parameters: missing });
      const call = { name, arguments: args };
      say(id, { type: "call", call });
      const isHarmless = tools.find((tool) => tool.name === name)?.annotations?.readOnlyHint === true;
      const reason = step.approve ?? (isHarmless ? undefined : "changes");
      if (reason) {
        const { approved } = yield say(id, { type: "approve", call, reason });
        calls.push({ call, outcome: "denied" });
        if (!approved) return end("denied");
        calls.pop();
      }
      const { type } = yield say(id, { type: "execute", call });
      calls.push({ call, outcome: type === "observation" ? "observed" : "failed" });
      if (type !== "observation") return end("failed");
    }
    say(id, { type: "ranking", tools: ranked(undefined, topK, 0.02), abstain: 0.95, sure: true });
    end("done");
  }

  /** `best` has the probability, the tools after it what is left of it. */
  function ranked(best, topK, probability) {
    const names = tools.map(({ name }) => name).filter((name) => name !== best);
    const others = names.map((name, i) => ({
      name,
      probability: (best ? 1 - probability : probability) / 2 ** (i + 2),
    }));
    return (best ? [{ name: best, probability }, ...others] : others).slice(0, topK);
  }
}
