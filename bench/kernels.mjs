/** Measures kernels beside onnxruntime-web's: `node bench/kernels.mjs`. Prints one JSON object. */
import { launch } from "../tests/browser/browser.mjs";
import { startBench } from "./site.mjs";

const site = await startBench();
const browser = await launch({ webgpu: true });
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(0);
  await page.goto(site.url);
  const kernels = await page.evaluate(async () => (await import("/kernels.js")).measureKernels());
  console.log(
    JSON.stringify(kernels, (_, value) => (typeof value === "number" ? Math.round(value * 1000) / 1000 : value)),
  );
} finally {
  await browser.close();
  await site.close();
}
