/** docs/reliability.md, of what was measured. */

const HEAD = `# Reliability

Written by \`node tests/reliability/run.mjs\` from the reports in \`docs/reliability\`; \`tests/browser/reliability.test.mjs\`
holds the package to each line, and to a shorter soak. All of it runs in Chromium on the tiny checkpoint (69 kB in five
shards, with chunks of 4 KiB), so that parts of the model are what counts, and not bytes. Seconds are those of a machine that
did other things as well: they say what waits and what doesn't.
`;

export function report({ faults, soak }) {
  return `${HEAD}
${section("The network fails", WHAT_NETWORK, faults.downloads)}
${section("What was stored is gone, damaged or old", WHAT_STORED, faults.storages)}
${section("Workers, tabs and clocks", WHAT_LIVES, faults.lives)}
${section("The page's service worker", WHAT_UPDATES, faults.updates)}
## Old browsers and small devices

What they lack is taken away from page and worker before the package is loaded; the package then loads the model twice.
Browsers from Chrome 100, Firefox 114 and Safari 16.4 on will do.

${table(
  ["Browser or device", "what a person sees", "what is lost", "the second visit fetches the model"],
  faults.devices.map(({ name, lost, isStored, ...seen }) => [
    name,
    seenAs(seen),
    lost,
    isStored === undefined ? "" : isStored ? "no" : "yes",
  ]),
)}

${soaked(soak)}`;
}

const WHAT_NETWORK = `A moment is one failed request for each of the named files. A visit loads the model and asks a question.`;
const WHAT_STORED = `Each is a visit after one that went well. Chunks are verified by their SHA-256 when they are read; a single file has no
hash, and is fetched again where the model refuses it.`;
const WHAT_LIVES = `Browsers end workers without a word; a lock that each worker holds tells the page of its end. After \`crashed\`, load the model
again: it is stored.`;
const WHAT_UPDATES = `These are of the demo, built twice so that no script, page or module is the same. Each visit must have all of them from one
build: the page's, its worker's, the module, and what is loaded late. The next question is one of the next visit.`;

function section(title, text, faults) {
  const rows = faults.map(({ name, seconds, again, next, ...seen }) => [
    name,
    seenAs(seen),
    seconds.toFixed(1),
    `${Math.round(100 * again)} %`,
    next.code === "well" ? `${next.seconds.toFixed(1)} s` : next.code,
  ]);
  const columns = [
    "What happens",
    "what a person sees",
    "after seconds",
    "of the model fetched again",
    "the next question",
  ];
  return `## ${title}\n\n${text}\n\n${table(columns, rows)}\n`;
}

function seenAs({ code, message }) {
  return code === "well" ? "the answer" : `error \`${code}\`: ${message.replaceAll("|", "\\|")}`;
}

function soaked({ questions, cycles }) {
  const { before, after } = questions;
  const kB = (bytes) => `${Math.round(bytes / 1000).toLocaleString("en")} kB`;
  const row = (label, name, show = String) => [label, show(before[name]), show(after[name])];
  return `## Soak

${questions.questions} questions in one tab, a fifth each of them ranked, called, run, run and aborted, completed and aborted, with a tool
registered every 10, lessons every 25 and tools removed every 40; measured after a tenth of them and after all, once garbage was collected.

${table(
  ["What is there", "after a tenth", "after all"],
  [
    row("The module's memory", "module", kB),
    row("Objects of the module that are held", "objects"),
    row("Heap of the worker", "heapOfWorker", kB),
    row("Heap of the page", "heap", kB),
    row("Listeners of the page", "listeners"),
    row("Locks", "locks"),
  ],
)}

Models that are loaded, asked once and disposed of, a third of them while they answer:

${table(
  ["Device", "models", "heap of the page", "resident memory", "workers left", "locks left"],
  cycles.map(({ device, cycles: count, before, after }) => [
    device === "webgpu" ? "WebGPU (SwiftShader)" : "CPU",
    String(count),
    `${kB(before.heap)} → ${kB(after.heap)}`,
    after.resident ? `${kB(before.resident)} → ${kB(after.resident)}` : "",
    String(after.workers),
    String(after.locks),
  ]),
)}
`;
}

function table(head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
