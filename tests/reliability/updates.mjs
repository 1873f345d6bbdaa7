/** The demo's service worker: the server goes, has another build, or half of one. Nobody has files of two builds. */
import { waitForState } from "../browser/browser.mjs";

const PATIENCE_MS = 20_000;
/** A module that this browser doesn't compute with, so that it isn't kept. */
const ENDLESS = "toolgen_bg.wasm";
const ANSWERED = ["done", "waiting"];

/** The page as a person has it, once it has said that it is saved. */
async function visit(lab) {
  const page = await lab.context.newPage();
  await page.goto(lab.url);
  await waitForState(page, ["ready", "error"], PATIENCE_MS);
  return page;
}

async function saved(page) {
  await page.locator("#saved", { hasText: "Saved for offline" }).waitFor({ timeout: PATIENCE_MS });
  return page;
}

/** Asks, loads a part of the page that is loaded late, and tells whether all of it is of one build. */
async function seenOn(lab, open, build, module = "toolgen_relaxed_bg.wasm") {
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  try {
    const page = await open();
    const code = (await ask(page)) ?? (await mixed(lab, page, build, module)) ?? "well";
    return { code, message: `${code}`, seconds: seconds() };
  } catch (error) {
    return { code: "silence", message: error.message, seconds: seconds() };
  }
}

async function ask(page) {
  await page.locator("#question").fill("Flip a coin");
  await page.locator("#question").press("Enter");
  const state = await waitForState(page, [...ANSWERED, "error"], PATIENCE_MS);
  if (state === "error") return `state ${state}: ${await page.locator("#result").textContent()}`;
  await page.locator("#own > summary").click();
  await page.getByRole("button", { name: "A small shop" }).click();
  await page.getByText("7 tools of “A small shop” can be asked for.").waitFor({ timeout: PATIENCE_MS });
}

/** Nothing where the page, its worker and the module that this would fetch are all of this build. */
async function mixed(lab, page, build, module) {
  const ofWorker = await page.workers()[0].evaluate(async (module) => {
    const bytes = module && (await (await fetch(new URL(module, location.href))).arrayBuffer());
    return { builds: [...globalThis.builds], bytes: bytes?.byteLength };
  }, module);
  const ofPage = await page.evaluate(() => ({
    builds: [...globalThis.builds],
    page: document.querySelector('meta[name="build"]').content,
  }));
  const builds = [...ofPage.builds, ...ofWorker.builds];
  const { [build]: files } = lab.builds;
  const isWhole =
    builds.every((name) => name === build) &&
    files["index.html"].includes(ofPage.page) &&
    files[module]?.length === ofWorker.bytes;
  if (!isWhole) return `not all is of the ${build} build: ${JSON.stringify({ ofPage, ofWorker })}`;
}

/** The page, once nothing is kept of a build that no page is of. */
async function onlyBuildOf(page) {
  const kept = () =>
    page.evaluate(async () => (await caches.keys()).filter((name) => name.startsWith("toolgen-page-")).length);
  for (const end = performance.now() + PATIENCE_MS; (await kept()) > 1; await page.waitForTimeout(50))
    if (performance.now() > end) throw new Error("a build that no page is of is kept");
  return page;
}

const off = (_, response) => (response.destroy(), true);

/** Throws where a part that can't be loaded takes the whole page with it. */
async function staysWithoutOwnTools(page) {
  await page.evaluate(() => (window.isThere = true));
  await page.locator("#own > summary").click();
  await page.getByText("This part of the page could not be loaded.").waitFor({ timeout: PATIENCE_MS });
  if (!(await page.evaluate(() => window.isThere))) throw new Error("the page was loaded anew");
}

/** Browsers end service workers that have nothing to do. */
async function endServiceWorkers(page) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("ServiceWorker.enable");
  await devtools.send("ServiceWorker.stopAllWorkers");
}

export const updates = [
  {
    name: "The server is gone at the next visit",
    async run(lab) {
      await (await saved(await visit(lab))).close();
      lab.fail = off;
      const seen = await seenOn(lab, () => visit(lab), "first");
      const next = await seenOn(
        lab,
        async () => {
          const page = await visit(lab);
          await endServiceWorkers(page);
          return page;
        },
        "first",
      );
      return { ...seen, next };
    },
  },
  {
    name: "The page is updated while it is open",
    async run(lab) {
      await (await saved(await visit(lab))).close();
      const page = await visit(lab);
      lab.build = lab.builds.next;
      await (await saved(await visit(lab))).close();
      await endServiceWorkers(page);
      const seen = await seenOn(lab, async () => page, "first");
      return { ...seen, next: await seenOn(lab, () => visit(lab), "next") };
    },
  },
  {
    name: "The page is updated while its very first visit is open",
    async run(lab) {
      const page = await saved(await visit(lab)); // the service worker came after it
      lab.build = lab.builds.next;
      await (await saved(await visit(lab))).close();
      await endServiceWorkers(page);
      // Its worker is no service worker's, and has the module.
      const seen = await seenOn(lab, async () => page, "first", null);
      return { ...seen, next: await seenOn(lab, () => visit(lab), "next") };
    },
  },
  {
    name: "The page is updated between two visits",
    async run(lab) {
      await (await saved(await visit(lab))).close();
      lab.build = lab.builds.next;
      const updated = async () => onlyBuildOf(await saved(await visit(lab)));
      const seen = await seenOn(lab, updated, "next");
      lab.fail = off;
      return { ...seen, next: await seenOn(lab, () => visit(lab), "next") };
    },
  },
  {
    name: "The server never ends an answer while an update is saved",
    async run(lab) {
      await (await saved(await visit(lab))).close();
      const open = await visit(lab);
      lab.fail = (path) => path === `/${ENDLESS}`;
      // While it is asked for, its service worker can't give way to the next one.
      await open.evaluate((file) => void fetch(file).catch(() => {}), ENDLESS);
      lab.build = lab.builds.next;
      const seen = await seenOn(lab, async () => saved(await visit(lab)), "next");
      const told = await saved(await visit(lab));
      lab.fail = off;
      const next = async () => {
        await staysWithoutOwnTools(told);
        return visit(lab);
      };
      return { ...seen, next: await seenOn(lab, next, "first") };
    },
  },
  {
    name: "The network is cut while an update is saved",
    async run(lab) {
      await (await saved(await visit(lab))).close();
      lab.build = lab.builds.next;
      let isCut = false;
      lab.fail = (path, response) => {
        isCut ||= path === "/lesson.js"; // which only the service worker asks for
        return isCut && off(path, response);
      };
      const updated = await visit(lab);
      while (!isCut) await updated.waitForTimeout(20);
      await updated.close();
      const seen = await seenOn(lab, () => visit(lab), "first");
      lab.fail = undefined;
      return { ...seen, next: await seenOn(lab, async () => saved(await visit(lab)), "next") };
    },
  },
  ...[
    ["main.js", "the page's script"],
    ["lesson.js", "another script"],
  ].map(([script, whose]) => ({
    name: `An update that has HTML in place of ${whose}`,
    async run(lab) {
      await (await saved(await visit(lab))).close();
      lab.build = lab.builds.next;
      lab.fail = (path, response) =>
        path === `/${script}` && (response.writeHead(200, { "content-type": "text/html" }).end("<p>Hello"), true);
      const broken = await saved(await visit(lab));
      await broken.close();
      if (script === "lesson.js") lab.fail = off; // else the server would do
      const seen = await seenOn(lab, () => visit(lab), "first");
      lab.fail = undefined;
      return { ...seen, next: await seenOn(lab, async () => saved(await visit(lab)), "next") };
    },
  })),
].map((fault) => ({ ...fault, expected: "well", options: { demo: true } }));
