/** The demo's room with the real weights: what it offers to try works, and its rows are kept. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { answerExternal, launch, readResult, waitForState } from "../browser/browser.mjs";
import { MODEL, requireBuilt } from "../browser/files.mjs";
import { startSite } from "../../xtask/serve.mjs";

/** The room's examples, in their order: the calls, or what is missing. */
const EXAMPLES = [
  ["Make it cosy", [{ name: "set_mood", arguments: { mood: "cosy" } }]],
  ["Darker please", [{ name: "make_darker", arguments: {} }]],
  ["I'm cold", [{ name: "make_warmer", arguments: {} }]],
  ["Draw a red heart", [{ name: "draw_picture", arguments: { shape: "heart", colour: "red" } }]],
  ["Add eggs to the shopping list", [{ name: "add_to_shopping_list", arguments: { item: "eggs" } }]],
  [
    "Play some jazz and close the blinds",
    [
      { name: "play_music", arguments: { style: "jazz" } },
      { name: "close_blinds", arguments: {} },
    ],
  ],
  ["Set a timer", ["minutes"]],
  ["Where is Lima?", [{ name: "show_on_map", arguments: { city: "Lima" } }]],
  ["And Oslo?", [{ name: "show_on_map", arguments: { city: "Oslo" } }]],
  ["Make me a sandwich", []],
];
let site;
let browser;
let page;

before(async () => {
  requireBuilt("www/dist/index.html", "www/dist/model/manifest.json", MODEL.pack);
  site = await startSite();
  browser = await launch();
  const context = await browser.newContext();
  await answerExternal(context, site.url);
  page = await context.newPage();
  await page.goto(`${site.url}?place=room`);
  await waitForState(page, ["ready", "error"]);
});
after(async () => {
  await browser?.close();
  await site?.close();
});

const last = (selector) => page.locator(".turn").first().locator(selector);

for (const [question, expected] of EXAMPLES)
  test(question, async () => {
    await page.locator(".levels .chip", { hasText: question }).click();
    await last(".asked").getByText(question).waitFor();
    // A doubtful one would wait for a choice.
    assert.equal(await waitForState(page, ["done", "waiting", "error"]), "done");
    const { calls, missing } = await readResult(page);
    assert.deepEqual(missing ?? calls, expected);
  });

test("a visitor's tool is chosen by what it means", async () => {
  await page.getByLabel("What does your tool do?").fill("Lets the cat in");
  await page.getByRole("button", { name: "Add the tool" }).click();
  await page
    .locator(".bring-tool .outcome")
    .getByText(/^Added/)
    .waitFor();
  await page.locator("#question").fill("The kitty would like to come in");
  await page.keyboard.press("Enter");
  assert.equal(
    await waitForState(page, ["done", "waiting", "error"]),
    "done",
    await last(".prompt").textContent({ timeout: 1000 }).catch(String),
  );
  await last(".sentence").getByText("A cat is in the room.").waitFor();
  assert.equal(await page.locator(".levels .done:not(:empty)").count(), 6);
});

test("the rows are kept for the next visit", async () => {
  const rows = await page.evaluate(async () => {
    const settled = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
    const database = await settled(indexedDB.open("toolgen"));
    return settled(database.transaction("rows").objectStore("rows").count());
  });
  assert.equal(rows, 20);
});
