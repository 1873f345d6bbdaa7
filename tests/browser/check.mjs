/**
 * check.mjs [URL] [QUESTION]: asks the demo page one question in headless Chromium and prints the
 * call and its result as one JSON object. Requests to public APIs are answered by a stub.
 */
import { answerExternal, launch, readResult, waitForState } from "./browser.mjs";
import { CHECKPOINT, PACK, requireBuilt } from "./files.mjs";
import { startSite } from "./server.mjs";

const args = process.argv.slice(2);
const given = /^https?:/.test(args[0] ?? "") ? args.shift() : process.env.TOOLGEN_URL;
const question = args.join(" ") || "Convert 5 miles to kilometres";

let site;
let browser;
try {
  if (!given) {
    requireBuilt("www/dist/index.html", CHECKPOINT, PACK);
    site = await startSite();
  }
  browser = await launch();
  const context = await browser.newContext();
  const url = given ?? site.url;
  await answerExternal(context, url, () => ({ json: { stub: "Public APIs are not asked in a check." } }));
  const page = await context.newPage();
  await page.goto(new URL(`?q=${encodeURIComponent(question)}`, url).href);
  await waitForState(page, ["done", "error"], 300_000);
  const { call, request, answer, timings, error, ranking, memoryBytes } = await readResult(page);
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
