// Draws www/share/social.png, the picture that others show beside a link to the page: `node www/share/social.mjs` after a
// build, with Chromium. It is the room as "Make it cosy" leaves it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { launch, waitForState } from "../../tests/browser/browser.mjs";
import { fakeWorker } from "../../tests/browser/fake-worker.mjs";
import { startSite } from "../../xtask/serve.mjs";

const QUESTION = "Make it cosy";
const SIZE = { width: 1200, height: 630 };
const answers = {
  [QUESTION]: [
    { name: "set_mood", arguments: { mood: "cosy" } },
    { name: "draw_picture", arguments: { shape: "heart" } },
  ],
};
const style = readFileSync(join(import.meta.dirname, "social.css"), "utf8");

const site = await startSite({ files: { "/worker.js": fakeWorker({ tools: [], answers }) } });
const browser = await launch();
const page = await browser.newPage({ viewport: SIZE, colorScheme: "light", reducedMotion: "reduce" });
await page.goto(`${site.url}?place=room&q=${encodeURIComponent(QUESTION)}`);
await waitForState(page, ["done"]);
await page.evaluate((question) => {
  const make = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
  const words = document.createElement("div");
  words.append(
    make("h1", "toolgen"),
    make("p", "A language model that calls tools, inside this page. No server."),
    make("q", question),
  );
  const main = document.querySelector("main");
  main.replaceChildren(words, document.querySelector("svg.room"));
}, QUESTION);
await page.evaluate((css) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [sheet];
}, style);
await page.screenshot({ path: join(import.meta.dirname, "social.png") });
await browser.close();
await site.close();
