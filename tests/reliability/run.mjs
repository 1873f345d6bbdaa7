/**
 * `node tests/reliability/run.mjs [--only faults|soak|report] [--questions 1000] [--cycles 100]` lets everything fail once and asks
 * and loads many times, in Chromium; writes docs/reliability/*.json and docs/reliability.md.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { launch } from "../browser/browser.mjs";
import { root } from "../../xtask/serve.mjs";
import { FAULTS, suffer } from "./faults.mjs";
import { report } from "./report.mjs";
import { soakCycles, soakQuestions } from "./soak.mjs";

const folder = join(root, "docs/reliability");

async function faults(browser) {
  const results = {};
  for (const [group, all] of Object.entries(FAULTS)) {
    results[group] = [];
    for (const fault of all) {
      console.error(fault.name);
      results[group].push(await suffer(browser, fault));
    }
  }
  return results;
}

async function soak(browser, { questions, cycles }) {
  console.error(`${questions} questions`);
  const asked = await soakQuestions(browser, questions);
  const loaded = [];
  for (const device of ["cpu", "webgpu"]) {
    console.error(`${cycles} models on ${device}`);
    loaded.push(await soakCycles(browser, device, cycles));
  }
  return { questions: asked, cycles: loaded };
}

const options = { only: { type: "string" }, questions: { type: "string" }, cycles: { type: "string" } };
const { only, questions = "1000", cycles = "100" } = parseArgs({ options }).values;
const counts = { questions: Number(questions), cycles: Number(cycles) };
const parts = Object.entries({ faults, soak }).filter(([name]) => !only || name === only);
mkdirSync(folder, { recursive: true });
for (const [name, measure] of parts) {
  const browser = await launch({ webgpu: name === "soak", backForwardCache: name === "faults" });
  try {
    writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(await measure(browser, counts), null, 2)}\n`);
  } finally {
    await browser.close();
  }
}
const [measured, soaked] = ["faults", "soak"].map((name) => join(folder, `${name}.json`));
if (existsSync(measured) && existsSync(soaked)) {
  const read = (path) => JSON.parse(readFileSync(path, "utf8"));
  writeFileSync(join(root, "docs/reliability.md"), report({ faults: read(measured), soak: read(soaked) }));
}
