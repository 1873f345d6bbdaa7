// Lighthouse on the built pages, as on a phone and at a desk: `node bench/lighthouse.mjs [PAGE…]`, after a build with the model. Fails
// below 98 in any category, and names what costs points. Lighthouse has a hundred packages, so npx fetches it for this alone.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { startSite } from "../xtask/serve.mjs";

const LIGHTHOUSE = "lighthouse@12.8.2";
const LEAST = 98;
const PAGES = process.argv.length > 2 ? process.argv.slice(2) : ["", "?place=room", "lesson.html"];
const FLAGS = "--headless=new --no-sandbox --disable-gpu";

const site = await startSite();
let failed = false;
for (const page of PAGES)
  for (const form of ["phone", "desktop"]) {
    const { categories, audits } = await judge(`${site.url}${page}`, form);
    const scores = Object.values(categories).map(({ title, score }) => [title, Math.round(100 * score)]);
    console.log(`/${page} (${form}): ${scores.map(([title, score]) => `${title} ${score}`).join(", ")}`);
    for (const { auditRefs } of Object.values(categories))
      for (const { id, weight } of auditRefs)
        if (weight > 0 && audits[id].score !== null && audits[id].score < 1)
          console.log(
            `    ${audits[id].title}: ${audits[id].displayValue ?? ""} (${Math.round(100 * audits[id].score)})`,
          );
    failed ||= scores.some(([, score]) => score < LEAST);
  }
await site.close();
process.exitCode = failed ? 1 : 0;

/** Its report. The site is served by this process, which therefore must not be blocked. */
async function judge(url, form) {
  const args = ["--yes", LIGHTHOUSE, url, "--quiet", "--output=json", `--chrome-flags=${FLAGS}`];
  if (form === "desktop") args.push("--preset=desktop");
  const env = { ...process.env, CHROME_PATH: process.env.CHROMIUM || "/usr/bin/chromium" };
  const { stdout } = await promisify(execFile)("npx", args, { env, maxBuffer: 1 << 28 });
  return JSON.parse(stdout);
}
