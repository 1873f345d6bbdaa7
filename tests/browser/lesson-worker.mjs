/**
 * A worker with a table in the model's place, for the lesson's tasks: it ranks, calls, runs, completes, registers, teaches and
 * exports. Served as the package's `worker.js`; `files` takes paths to what is served there.
 */

/**
 * `answers` has for each question the tool that comes first, `{ tool, arguments, missing, probability, tokens, says }`: `tokens`
 * are explained, `says` is what is written without a mask, and `free` as arguments without it. `pack` has the bytes that an export gives.
 */
export function lessonWorker({ tools, answers, pack }) {
  return `(${worker})(${JSON.stringify({ tools, answers, pack: [...pack] })});`;
}

/** Runs in the browser; nothing from outside is in reach. */
function worker({ tools, answers, pack }) {
  let known = [...tools];
  let taught = 0;
  const runs = new Map();
  const done = (id, value) => postMessage({ id, type: "done", value });
  const say = (id, event) => postMessage({ id, type: "event", event });

  onmessage = ({ data }) => {
    const { id, type } = data;
    switch (type) {
      case "load":
        return done(id, known);
      case "register":
        known = [...known, ...data.tools];
        return done(id, { added: data.tools, fresh: [], narrowed: [], skipped: [], conflicts: [] });
      case "unregister":
        known = known.filter(({ name }) => !data.names.includes(name));
        return done(id, null);
      case "teach":
        taught += data.examples.length;
        return done(id, null);
      case "device":
        return done(id, { kind: "cpu", simd: { kind: "relaxed" }, threads: { count: 1 }, startup: {} });
      case "export":
        return done(id, Uint8Array.from(pack));
      case "cancel":
        return runs.delete(id);
      case "reply":
        return goOn(id, data.reply);
      case "complete": {
        const question = data.prompt.match(/Question: (.*)\nCall:$/)?.[1];
        for (const text of answers[question].says) say(id, { type: "token", id: 1, text });
        return done(id);
      }
      case "completeArguments":
        for (const text of answers[data.query.text].free) say(id, { type: "token", id: 1, text });
        return done(id);
      default:
        runs.set(id, ask(id, data));
        return goOn(id);
    }
  };

  function goOn(id, reply) {
    const run = runs.get(id);
    if (!run?.next(reply).done) return;
    runs.delete(id);
    done(id);
  }

  function* ask(id, { type, query, topK }) {
    const answer = answers[query.text];
    say(id, { type: "prefill", done: 14, total: 14 });
    const ranking = ranked(answer, topK);
    say(id, { type: "ranking", tools: ranking, abstain: answer ? 0.01 : 0.99, sure: answer !== undefined });
    if (type === "retrieve") return;
    if (!answer) {
      say(id, { type: "abstain", reason: "no_tool" });
      if (type === "run") say(id, { type: "end", reason: "abstained", calls: [] });
      return;
    }
    const call = { name: answer.tool, arguments: answer.arguments ?? {} };
    say(id, { type: "tool", name: call.name });
    for (const token of answer.tokens ?? []) {
      say(id, { type: "arguments", text: token.text, tokens: [token] });
    }
    if (answer.missing) return say(id, { type: "ask", call, parameters: answer.missing });
    say(id, { type: "call", call });
    if (type === "call") return;
    yield say(id, { type: "execute", call });
    say(id, { type: "end", reason: "done", calls: [{ call, outcome: "observed" }] });
  }

  /** What was taught is likelier than before. */
  function ranked(answer, topK) {
    const first = known.find(({ name }) => name === answer?.tool);
    const others = known.filter((tool) => tool !== first).map(({ name }, i) => ({ name, probability: 1e-3 / (i + 1) }));
    const probability = (answer?.probability ?? 0.9) + 0.1 * taught;
    return (first ? [{ name: first.name, probability }, ...others] : others).slice(0, topK);
  }
}
