/** The self-test page: one kernel after the other on the visitor's GPU, and a report to copy. */
import * as bindings from "../pkg/wasm/toolgen.js";
import { byId, make } from "./dom.ts";
import { describeDevice, errorOf, report, type Facts, type Outcome } from "./self-test-report.ts";

/** A kernel takes seconds at most, even on a software adapter; after so long the device hangs. */
const LIMIT_MS = 120_000;

interface Step extends Outcome {
  count: number;
}

/** What the page needs of the module (src/web/device.rs, self_test.rs). */
interface Module {
  default(options: { module_or_path: URL }): Promise<unknown>;
  Device: { open(choice: "unchecked"): Promise<Device> };
}
interface Device {
  readonly description?: string;
  selfTest(index: number): Promise<Step | undefined>;
  free(): void;
}
const wasm = bindings as unknown as Module;

let current: AbortController | undefined;

function setState(state: "ready" | "busy" | "done" | "error", status: string): void {
  document.documentElement.dataset.state = state;
  byId("status").textContent = status;
  byId("start").hidden = state === "busy";
  byId("cancel").hidden = state !== "busy";
}

/** What `work` resolves to, unless the test is cancelled or `work` takes too long before that. */
function within<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the device has not answered for ${LIMIT_MS / 1000} s`)), LIMIT_MS);
    signal.addEventListener("abort", () => reject(signal.reason));
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function showOutcome(outcome: Outcome): void {
  const { kernel, shape, ok, milliseconds, gbPerS } = outcome;
  const result = make("td", { className: ok ? "" : "failed" }, ok ? "ok" : "failed");
  const cells = [errorOf(outcome), milliseconds?.toFixed(3) ?? "–", gbPerS?.toFixed(1) ?? "–"];
  const name = make("th", { scope: "row" }, make("code", {}, kernel));
  byId("kernels").append(
    make("tr", {}, name, make("td", {}, shape), result, ...cells.map((text) => make("td", {}, text))),
  );
}

function showReport(facts: Facts, outcomes: Outcome[], end: string): void {
  const text = report(facts, outcomes, end);
  byId<HTMLTextAreaElement>("report").value = text;
  byId("report").hidden = false;
  byId("copy").hidden = false;
}

function fail(message: string): void {
  byId("error").textContent = message;
  byId("error").hidden = false;
  setState("error", "The test ended early.");
}

async function test(signal: AbortSignal, facts: Facts, outcomes: Outcome[]): Promise<void> {
  await within(wasm.default({ module_or_path: new URL("toolgen_bg.wasm", document.baseURI) }), signal);
  const device = await within(wasm.Device.open("unchecked"), signal);
  facts["Kernels"] = device.description ?? "none";
  let last: Promise<unknown> = Promise.resolve();
  try {
    for (;;) {
      const next = device.selfTest(outcomes.length);
      last = next;
      const outcome = await within(next, signal);
      if (!outcome) return;
      outcomes.push(outcome);
      showOutcome(outcome);
      byId<HTMLProgressElement>("progress").value = outcomes.length / outcome.count;
      byId("status").textContent = `${outcomes.length} of ${outcome.count} kernels`;
      await new Promise((resolve) => setTimeout(resolve)); // lets the page be drawn, and Cancel be clicked
    }
  } finally {
    // A kernel that was cancelled still runs on the device.
    void last.catch(() => undefined).then(() => device.free());
  }
}

async function start(): Promise<void> {
  const { signal } = (current = new AbortController());
  for (const id of ["error", "copy", "report"]) byId(id).hidden = true;
  byId("kernels").replaceChildren();
  byId<HTMLProgressElement>("progress").value = 0;
  setState("busy", "Opening the device…");
  const outcomes: Outcome[] = [];
  let facts: Facts = {};
  try {
    facts = await within(describeDevice(), signal);
    await test(signal, facts, outcomes);
    const wrong = outcomes.filter(({ ok }) => !ok).length;
    setState(
      "done",
      wrong === 0 ? `All ${outcomes.length} kernels are right.` : `${wrong} of ${outcomes.length} kernels are wrong.`,
    );
  } catch (error) {
    if (signal.aborted) setState("ready", "Cancelled.");
    else fail(error instanceof Error ? error.message : String(error));
  }
  byId("device").replaceChildren(
    ...Object.entries(facts).flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]),
  );
  const problem = byId("error").hidden ? "" : ` ${byId("error").textContent}`;
  showReport(facts, outcomes, byId("status").textContent + problem);
}

async function copy(): Promise<void> {
  const field = byId<HTMLTextAreaElement>("report");
  try {
    await navigator.clipboard.writeText(field.value);
    byId("status").textContent = "The report is copied.";
  } catch {
    // Without permission: it is selected, and one key away.
    field.select();
    byId("status").textContent = "The report is selected; copy it with your keyboard.";
  }
}

byId("start").addEventListener("click", () => void start());
byId("cancel").addEventListener("click", () => current?.abort());
byId("copy").addEventListener("click", () => void copy());
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") current?.abort();
});
