// The README's picture and recording, of the built page with the real model: `node www/picture/make.mjs`.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { answerExternal, launch, waitForState } from "../../tests/browser/browser.mjs";
import { startSite } from "../../xtask/serve.mjs";
import { animate } from "./apng.mjs";

const docs = join(import.meta.dirname, "../../docs");
const QUESTION = "What is the weather in Oslo right now?";
const VIEWPORT = { width: 720, height: 820 };
/** A busy machine is not what the recording is about. */
const LONGEST_MS = 300;

/** The weather service's answer, so that the pictures are the same whatever the weather. */
const replies = JSON.parse(readFileSync(join(import.meta.dirname, "../offline/replies.json"), "utf8"));
const { body } = replies.find(({ tool }) => tool === "weather_now");

const site = await startSite();
const browser = await launch();
try {
  const page = await open({ deviceScaleFactor: 1 });
  const frames = [];
  const take = async (ms) => frames.push({ png: await page.screenshot(), ms });
  await take(900);
  for (const part of QUESTION.match(/.{1,4}/g)) {
    await page.locator("#question").pressSequentially(part);
    await take(110);
  }
  await page.keyboard.press("Enter");
  let last = Date.now();
  for (let over = false; !over; ) {
    over = await page.evaluate(() => ["done", "error"].includes(document.documentElement.dataset.state));
    await take(Math.min(LONGEST_MS, Date.now() - last));
    last = Date.now();
  }
  await take(1500);
  for (const kind of ["tool", "call"]) {
    await unfold(page, kind);
    await take(1600);
  }
  frames.at(-1).ms = 3500;
  writeFileSync(join(docs, "demo-recording.png"), animate(distinct(frames)));

  const still = await open({ deviceScaleFactor: 2, viewport: { ...VIEWPORT, height: 1000 } });
  await still.locator("#question").fill(QUESTION);
  await still.keyboard.press("Enter");
  await waitForState(still, ["done"]);
  for (const kind of ["tool", "call", "request"]) await unfold(still, kind);
  await still.screenshot({ path: join(docs, "demo.png") });
} finally {
  await browser.close();
  await site.close();
}

async function open(options) {
  const context = await browser.newContext({
    viewport: VIEWPORT,
    bypassCSP: true,
    colorScheme: "light",
    reducedMotion: "reduce", // a blinking mark would be a picture each time
    serviceWorkers: "block",
    ...options,
  });
  await answerExternal(context, site.url, () => ({ json: body }));
  const page = await context.newPage();
  await page.goto(site.url);
  // How long it takes here says nothing of another machine.
  await page.addStyleTag({ content: ".timings { visibility: hidden }" });
  await waitForState(page, ["ready"]);
  return page;
}

/** A part of the answer, with the answer itself still in sight. */
async function unfold(page, kind) {
  await page.locator(`.turn .${kind} > summary`).click();
  await page.evaluate(() => {
    document.activeElement.blur();
    window.scrollTo(0, 0);
  });
}

/** A picture like the one before makes that one's time longer. */
function distinct(frames) {
  const kept = [];
  for (const frame of frames) {
    const before = kept.at(-1);
    if (before?.png.equals(frame.png)) before.ms += frame.ms;
    else kept.push({ ...frame });
  }
  return kept;
}
