/** The self-test page in Chromium on SwiftShader: it passes, finds a wrong kernel, cancels, and survives a lost device. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, waitForState } from "./browser.mjs";
import { requireBuilt } from "./files.mjs";
import { startSite } from "../../xtask/serve.mjs";

/** SwiftShader is slow, and a busy machine slower. */
const LIMIT_MS = 600_000;
const KERNELS = ["embed", "rms_norm", "linear", "linear_add", "swiglu", "attention", "last_row", "top_k", "adapt"];
let site;
let browser;

before(async () => {
  requireBuilt("www/dist/self-test.html");
  site = await startSite();
  browser = await launch({ webgpu: true });
});
after(async () => {
  await browser?.close();
  await site?.close();
});

/** The page, with `script` run before its own. */
async function open(script = () => {}) {
  const context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"] });
  const page = await context.newPage();
  page.setDefaultTimeout(LIMIT_MS);
  await page.addInitScript(script);
  await page.goto(`${site.url}self-test.html`);
  return page;
}

function results(page) {
  return page
    .locator("#kernels tr")
    .evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent)));
}

test("all kernels are right, and the report has them all", async (t) => {
  const page = await open();
  await page.locator("#start").click();
  assert.equal(
    await waitForState(page, ["done", "error"], LIMIT_MS),
    "done",
    await page.locator("#error").textContent(),
  );
  const rows = await results(page);
  assert.deepEqual(
    rows.filter(([, , result]) => result !== "ok"),
    [],
  );
  assert.deepEqual(new Set(rows.map(([kernel]) => kernel)), new Set(KERNELS));
  await page.locator("#copy").click();
  await page.waitForFunction(() => document.getElementById("status").textContent.includes("copied"));
  const report = await page.evaluate(() => navigator.clipboard.readText());
  t.diagnostic(report);
  for (const [kernel, shape] of rows) assert.ok(report.includes(`| ${kernel} | ${shape} | ok |`), `${kernel} ${shape}`);
  for (const fact of ["Adapter", "Kernels", "Features", "Limits", "WGSL language features", "User agent"]) {
    assert.match(report, new RegExp(`^- ${fact}: .`, "m"));
  }
  await page.close();
});

test("a kernel that computes something else is found", async () => {
  const page = await open(() => {
    const { createShaderModule } = GPUDevice.prototype;
    GPUDevice.prototype.createShaderModule = function (descriptor) {
      const code = descriptor.code.replace("1.0 / sqrt(", "1.01 / sqrt("); // in the norms alone
      return createShaderModule.call(this, { ...descriptor, code });
    };
  });
  await page.locator("#start").click();
  await waitForState(page, ["done", "error"], LIMIT_MS);
  const wrong = (kernel, shape) => kernel === "rms_norm" || shape.includes("after rms_norm");
  for (const [kernel, shape, result] of await results(page))
    assert.equal(result, wrong(kernel, shape) ? "failed" : "ok", `${kernel} ${shape}`);
  assert.match(await page.locator("#report").inputValue(), /\| rms_norm \|.*\| FAILED \|/);
  await page.close();
});

test("Cancel stops, and a new start begins again", async () => {
  const page = await open();
  await page.locator("#start").click();
  await page.locator("#kernels tr").first().waitFor();
  await page.locator("#cancel").click();
  await waitForState(page, ["ready"], 10_000);
  assert.match(await page.locator("#status").textContent(), /Cancelled/);
  await page.locator("#start").click();
  await page.locator("#kernels tr").first().waitFor();
  await page.keyboard.press("Escape");
  await waitForState(page, ["ready"], 10_000);
  await page.close();
});

test("a lost device ends the test with a message", async () => {
  const page = await open(() => {
    const { requestDevice } = GPUAdapter.prototype;
    GPUAdapter.prototype.requestDevice = async function (...args) {
      return (globalThis.opened = await requestDevice.apply(this, args));
    };
  });
  await page.locator("#start").click();
  await page.locator("#kernels tr").first().waitFor();
  await page.evaluate(() => opened.destroy());
  assert.equal(await waitForState(page, ["done", "error"], LIMIT_MS), "error");
  assert.match(await page.locator("#error").textContent(), /lost/);
  await page.close();
});

test("without WebGPU the page says so", async () => {
  const page = await open(() => Object.defineProperty(navigator, "gpu", { value: undefined }));
  await page.locator("#start").click();
  assert.equal(await waitForState(page, ["done", "error"]), "error");
  assert.match(await page.locator("#error").textContent(), /no WebGPU/);
  await page.close();
});
