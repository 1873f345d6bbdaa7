/**
 * `node xtask/check.mjs [QUESTION]`: asks the demo page one question in headless Chromium and prints the call and its
 * result as one JSON object. Requests to public APIs are answered by a stub.
 */
import { answerExternal, launch, readResult, waitForState } from "../tests/browser/browser.mjs";
import { MODEL, requireBuilt } from "../tests/browser/files.mjs";
import { startSite } from "./serve.mjs";

const question = process.argv.slice(2).join(" ") || "Convert 5 miles to kilometres";

let site;
let browser;
try {
  requireBuilt("www/dist/index.html", "www/dist/model/manifest.json", MODEL.pack);
  site = await startSite();
  browser = await launch();
  const context = await browser.newContext();
  await answerExternal(context, site.url, () => ({ json: { stub: "Public APIs are not asked in a check." } }));
  const page = await context.newPage();
  await page.goto(site.url);
  // Typed, and asked as soon as the model is ready: a link would wait for a click before a request is sent.
  await page.locator("#question").fill(question);
  await page.keyboard.press("Enter");
  await waitForState(page, ["done", "waiting", "error"], 300_000);
  const read = await readResult(page);
  if (!read?.call && !read?.error) throw new Error("The question led to no call.");
  const { call, request, answer, timings, error, ranking, memoryBytes } = read;
  // A stubbed answer can't hold what the tool's pointers lead to: the call itself is what counts.
  if (error && !(request && error.code === "bad_pointer")) throw new Error(`${error.code}: ${error.message}`);
  const probability = ranking[0].probability;
  const result = answer?.result ?? "not asked: the public API is stubbed in a check";
  console.log(
    JSON.stringify(
      {
        question,
        tool: call.name,
        probability,
        arguments: call.arguments,
        request,
        result,
        timings,
        memory_mb: memoryBytes / 1e6,
      },
      null,
      2,
    ),
  );
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await browser?.close();
  await site?.close();
}
