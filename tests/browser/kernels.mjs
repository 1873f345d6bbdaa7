/** Measures kernels beside onnxruntime-web's: `node kernels.mjs URL` of the benchmark's site. Prints one JSON object. */
import { launch } from "./browser.mjs";

const browser = await launch({ webgpu: true });
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(0);
  await page.goto(process.argv[2]);
  const kernels = await page.evaluate(async () => (await import("/kernels.js")).measureKernels());
  console.log(
    JSON.stringify(kernels, (_, value) => (typeof value === "number" ? Math.round(value * 1000) / 1000 : value)),
  );
} finally {
  await browser.close();
}
