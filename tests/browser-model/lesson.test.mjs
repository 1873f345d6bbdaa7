/** The lesson's tasks on the real model: each is solved by what the teacher's sheet says. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, waitForState } from "../browser/browser.mjs";
import { MODEL, requireBuilt } from "../browser/files.mjs";
import { startSite } from "../../xtask/serve.mjs";

/** What stands in a task's fields already solves it, but for these fields, by their index. */
const OPEN = {
  call: {},
  prompt: { 1: "1" },
  token: { 1: "Weather forecast for Bergen, please" },
  memorization: {},
  retrieval: {},
  agent: {},
  constrained: {},
  judging: { 0: "95" },
};

let site;
let browser;
let page;

before(async () => {
  requireBuilt("www/dist/lesson.html", ...Object.values(MODEL));
  site = await startSite();
  browser = await launch();
  page = await browser.newPage();
  await page.goto(`${site.url}lesson.html`);
  await waitForState(page, ["ready"]);
});
after(async () => {
  await browser?.close();
  await site?.close();
});

for (const [id, values] of Object.entries(OPEN))
  test(`the task of the chapter "${id}" is solved`, async () => {
    await page.evaluate((id) => (location.hash = `${id}/99`), id);
    const fields = page.locator(`.task input[id^="${id}"]`);
    await fields.first().waitFor();
    for (const [i, value] of Object.entries(values)) await fields.nth(Number(i)).fill(value);
    await page.locator(".task form button").click();
    const outcome = page.locator(".task .outcome:not(:empty)");
    await outcome.waitFor({ timeout: 120_000 });
    assert.match(await outcome.textContent(), /^✓ Solved/);
  });
