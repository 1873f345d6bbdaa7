/** Many questions in one tab, and many models one after the other: what is still there in the end. */
import { readFileSync } from "node:fs";

import { urls, TINY_CHECKPOINT, TINY_PACK } from "../browser/files.mjs";
import { read } from "../browser/files.mjs";
import { startSite } from "../../xtask/serve.mjs";

const FILES = urls({ checkpoint: TINY_CHECKPOINT, pack: TINY_PACK });
/** By then each kind of question and each text has come. */
const WARM = 60;
/** In the worker: objects of the module that nobody has let go. */
const COUNT = `{
  let living = 0;
  const { register, unregister } = FinalizationRegistry.prototype;
  FinalizationRegistry.prototype.register = function (...args) {
    living += 1;
    return register.apply(this, args);
  };
  FinalizationRegistry.prototype.unregister = function (...args) {
    living -= 1;
    return unregister.apply(this, args);
  };
  globalThis.living = () => living;
}
`;

/** Runs `work` with a page of a site that serves the package. */
async function withPage(browser, work) {
  const site = await startSite({ files: { "/pkg/worker.js": COUNT + read("pkg/dist/worker.js") } });
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(0);
    await page.goto(`${site.url}blank.html`);
    await page.evaluate(async (files) => {
      const { load } = await import("/pkg/index.js");
      window.load = (change) => load({ ...files, ...change });
    }, FILES);
    return await work(page, await context.newCDPSession(page));
  } finally {
    await context.close();
    await site.close();
  }
}

/** What is there of a page and its worker, once all that can go has gone. */
async function measure(page, devtools) {
  await devtools.send("HeapProfiler.collectGarbage");
  const { usedSize } = await devtools.send("Runtime.getHeapUsage");
  const { jsEventListeners } = await devtools.send("Memory.getDOMCounters");
  const locks = await page.evaluate(async () => {
    const { held, pending } = await navigator.locks.query();
    return held.length + pending.length;
  });
  const [worker] = page.workers();
  const ofWorker = worker && {
    heapOfWorker: await heapOf(devtools),
    objects: await worker.evaluate(() => living()),
    module: await page.evaluate(async () => (await toolgen.memory()).wasmBytes),
  };
  return { heap: usedSize, listeners: jsEventListeners, locks, workers: page.workers().length, ...ofWorker };
}

/** Bytes in the worker's heap. */
async function heapOf(devtools) {
  const attached = new Promise((resolve) => devtools.once("Target.attachedToTarget", resolve));
  await devtools.send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  const { sessionId } = await attached;
  const ask = async (id, method) => {
    const answer = new Promise((resolve) => {
      const listen = (event) => {
        const { id: answered, result } = JSON.parse(event.message);
        if (event.sessionId !== sessionId || answered !== id) return;
        devtools.off("Target.receivedMessageFromTarget", listen);
        resolve(result);
      };
      devtools.on("Target.receivedMessageFromTarget", listen);
    });
    await devtools.send("Target.sendMessageToTarget", { sessionId, message: JSON.stringify({ id, method }) });
    return answer;
  };
  await ask(1, "HeapProfiler.collectGarbage");
  const { usedSize } = await ask(2, "Runtime.getHeapUsage");
  await devtools.send("Target.setAutoAttach", { autoAttach: false, waitForDebuggerOnStart: false, flatten: false });
  return usedSize;
}

/** The bytes of all renderers, where the system tells. */
async function residentBytes(browser) {
  try {
    const devtools = await browser.newBrowserCDPSession();
    const { processInfo } = await devtools.send("SystemInfo.getProcessInfo");
    const renderers = processInfo.filter(({ type }) => type === "renderer");
    const kilobytes = renderers.map(({ id }) => /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, "utf8"))[1]);
    return kilobytes.reduce((sum, kb) => sum + 1024 * Number(kb), 0);
  } catch {
    return undefined;
  }
}

/** Questions with registrations, lessons and aborts in between; measured after a tenth of them and after all. */
export function soakQuestions(browser, questions) {
  return withPage(browser, async (page, devtools) => {
    await page.evaluate(async () => void (window.toolgen = await load({})));
    const begun = Math.max(Math.ceil(questions / 10), WARM);
    await page.evaluate(askMany, [0, begun]);
    const before = await measure(page, devtools);
    const started = performance.now();
    await page.evaluate(askMany, [begun, questions]);
    const seconds = (performance.now() - started) / 1000;
    return { questions, seconds, before, after: await measure(page, devtools) };
  });
}

/** Runs in the page. */
async function askMany([from, to]) {
  const inputSchema = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
  const tool = (i) => ({
    name: `soak_${i % 8}`,
    description: `Tells the tide of a place, number ${i % 8}.`,
    inputSchema,
    execute: () => ({ tide: i }),
    annotations: { readOnlyHint: true },
  });
  const abortedAfter = async (count, events, stop) => {
    try {
      for await (const _ of events) if (--count === 0) stop.abort();
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  };
  const forEver = new AbortController().signal;
  const kinds = [
    (question) => toolgen.retrieve(question, { signal: forEver }),
    (question) => toolgen.call(question, { signal: forEver }),
    async (question) => {
      for await (const _ of toolgen.run(question, { unsure: "call", approve: () => true, signal: forEver }));
    },
    (question, i, stop = new AbortController()) =>
      abortedAfter(1 + (i % 5), toolgen.run(question, { unsure: "call", signal: stop.signal }), stop),
    (question, i, stop = new AbortController()) =>
      abortedAfter(1 + (i % 3), toolgen.complete(question, { maxTokens: 20, signal: stop.signal }), stop),
  ];
  for (let i = from; i < to; i++) {
    if (i % 10 === 0) await toolgen.register([tool(i)]);
    if (i % 25 === 0)
      await toolgen.teach([
        { query: `what is the tide in place ${i % 50}?`, tool: tool(10 * Math.floor(i / 10)).name },
      ]);
    if (i % 40 === 39) await toolgen.unregister([tool(i).name, tool(i - 9).name]);
    await kinds[i % kinds.length](`what is the tide in harbour ${i % 60}?`, i);
  }
}

/** Models that are loaded, asked once and disposed of; measured after a tenth of them and after all. */
export function soakCycles(browser, device, cycles) {
  return withPage(browser, async (page, devtools) => {
    const run = (count) => page.evaluate(loadMany, [device, count]);
    const measured = async () => {
      for (let patience = 100; page.workers().length > 0 && patience > 0; patience--) await page.waitForTimeout(20);
      return { ...(await measure(page, devtools)), resident: await residentBytes(browser) };
    };
    const begun = Math.ceil(cycles / 10);
    await run(begun);
    const before = await measured();
    const started = performance.now();
    await run(cycles - begun);
    const seconds = (performance.now() - started) / 1000;
    return { device, cycles, seconds, before, after: await measured() };
  });
}

/** Runs in the page. */
async function loadMany([device, count]) {
  for (let i = 0; i < count; i++) {
    const toolgen = await load({ device });
    if ((await toolgen.device()).kind !== device) throw new Error(`no ${device}`);
    // Some are disposed of while they answer.
    const answer = toolgen.retrieve("what is the tide in Oban?");
    if (i % 3 === 0) answer.catch(() => {});
    else await answer;
    toolgen.dispose();
  }
}
