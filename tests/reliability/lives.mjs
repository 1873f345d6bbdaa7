/** Workers that are ended, tabs that are frozen, put away or crash, clocks that are set back. */
import { isShard } from "./lab.mjs";

const killWorker = (page) =>
  page
    .workers()[0]
    .evaluate(() => close())
    .catch(() => {});

/** Left and come back to: meanwhile nothing runs, in its worker neither. Throws where the page was loaded anew instead. */
async function freezeAndThaw(page, lab) {
  await page.evaluate(() => addEventListener("pageshow", ({ persisted }) => (window.thawed = persisted)));
  await page.goto(`${lab.url}blank.html?other`);
  await page.waitForTimeout(1000);
  await page.evaluate(() => void setTimeout(() => history.back()));
  await page.waitForFunction(() => window.thawed, undefined, { timeout: 5000 });
  return page.evaluate(() => ({ tokens: window.tokens }));
}

/** Begins to register tools, more than are read in a moment; the page says when some are. */
const beginRegistering = (page) =>
  page.evaluate(async () => {
    await visit();
    window.registering = outcome(register(toolgen, () => (window.begun = true)));
  });

/** A model that is loaded, asked and given the tools once more. */
const registerAnew = (page) =>
  page.evaluate(async () => {
    const again = async () => {
      const toolgen = await load();
      const { added } = await register(toolgen);
      if (added.length !== TOOLS) throw { code: "tools are missing", message: `${added.length} of ${TOOLS}` };
      await ask(toolgen);
    };
    return outcome(again());
  });

export const lives = [
  {
    name: "The worker killed while idle",
    expected: "crashed",
    async run(lab) {
      const page = await lab.page();
      await page.evaluate(() => visit());
      await killWorker(page);
      const seen = await page.evaluate(() => outcome(ask(toolgen)));
      return { ...seen, next: await page.evaluate(() => next()) };
    },
  },
  {
    name: "The worker killed in mid-answer",
    expected: "crashed",
    async run(lab) {
      const page = await lab.page();
      await page.evaluate(async () => {
        await visit();
        const answer = async () => {
          for await (const _ of toolgen.complete("Once upon a time", { maxTokens: 2000 })) window.begun = true;
        };
        window.answering = outcome(answer());
      });
      await page.waitForFunction(() => window.begun);
      await killWorker(page);
      return { ...(await page.evaluate(() => answering)), next: await page.evaluate(() => next()) };
    },
  },
  {
    name: "The worker killed while it loads",
    expected: "crashed",
    async run(lab) {
      const page = await lab.page();
      lab.fail = (path, response) => path.startsWith("/model/0") && (response.writeHead(200), true);
      await page.evaluate(() => void (window.loading = visit({ stallMs: 20_000 })));
      await page.waitForTimeout(500);
      await killWorker(page);
      const seen = await page.evaluate(() => loading);
      lab.fail = undefined;
      return { ...seen, next: await page.evaluate(() => next()) };
    },
  },
  {
    name: "The tab frozen in mid-answer, and thawed",
    expected: "well",
    async run(lab) {
      const page = await lab.page();
      await page.evaluate(async () => {
        await visit();
        const answer = async () => {
          for await (const _ of toolgen.complete("Once upon a time", { maxTokens: 1500 }))
            window.tokens = (window.tokens ?? 0) + 1;
        };
        window.answering = outcome(answer());
      });
      await page.waitForFunction(() => window.tokens > 0);
      const frozenAt = await freezeAndThaw(page, lab);
      const seen = await page.evaluate(() => answering);
      return { ...seen, ...frozenAt, next: await page.evaluate(() => next()) };
    },
  },
  {
    name: "The tab frozen while idle, and thawed",
    expected: "well",
    async run(lab) {
      const page = await lab.page();
      await page.evaluate(() => visit());
      await freezeAndThaw(page, lab);
      const seen = await page.evaluate(() => outcome(ask(toolgen)));
      return { ...seen, next: await page.evaluate(() => next()) };
    },
  },
  ...[false, true].map((isLost) => ({
    name: `The tab frozen in mid-download, and thawed${isLost ? " after the connection broke" : ""}`,
    expected: "well",
    async run(lab) {
      const page = await lab.page();
      let rest;
      lab.fail = (path, response, content) => {
        if (!isShard(path) || rest) return false;
        const middle = content.length >> 1;
        lab.sent.set(path, middle);
        response.writeHead(200, { "content-length": content.length }).write(content.subarray(0, middle));
        rest = () => {
          if (isLost) return response.destroy();
          lab.sent.set(path, content.length);
          response.end(content.subarray(middle));
        };
        return true;
      };
      await page.evaluate(() => void (window.loading = visit()));
      while (!rest) await page.waitForTimeout(20);
      setTimeout(rest, 500);
      await freezeAndThaw(page, lab);
      const seen = await page.evaluate(() => loading);
      return { ...seen, next: await page.evaluate(() => next()) };
    },
  })),
  {
    name: "The tab closed while tools are registered",
    expected: "well",
    async run(lab) {
      const first = await lab.page();
      await beginRegistering(first);
      await first.waitForFunction(() => window.begun);
      await first.close();
      const page = await lab.page();
      const seen = await registerAnew(page);
      return { ...seen, next: await page.evaluate(() => next()) };
    },
  },
  {
    name: "The worker killed while tools are registered",
    expected: "crashed",
    async run(lab) {
      const page = await lab.page();
      await beginRegistering(page);
      await page.waitForFunction(() => window.begun);
      await killWorker(page);
      return { ...(await page.evaluate(() => registering)), next: await registerAnew(page) };
    },
  },
  {
    name: "Another tab deletes the model while it is used",
    expected: "well",
    async run(lab) {
      const [one, other] = [await lab.page(), await lab.page()];
      await one.evaluate(() => visit());
      await other.evaluate(async () => {
        const { deleteModel } = await import("/pkg/models.js");
        await deleteModel("/model/manifest.json");
      });
      const seen = await one.evaluate(() => outcome(ask(toolgen)));
      return { ...seen, next: await other.evaluate(() => next()) };
    },
  },
  {
    name: "The tab crashes that started the shared worker",
    expected: "crashed",
    async run(lab) {
      const visit = (page) =>
        page.evaluate(async () => {
          const { sharedWorker } = await import("/pkg/shared.js");
          window.shared = { worker: sharedWorker, cache: "none" };
          return visit(window.shared);
        });
      const first = await lab.page();
      await visit(first);
      const second = await lab.page();
      await visit(second);
      const devtools = await lab.context.newCDPSession(first);
      void devtools.send("Page.crash").catch(() => {});
      await second.waitForTimeout(500);
      const seen = await second.evaluate(() => outcome(ask(toolgen)));
      return { ...seen, next: await second.evaluate(() => next(shared)) };
    },
  },
  {
    name: "The clock set back by years between two visits",
    expected: "well",
    async run(lab) {
      const first = await lab.page();
      await first.evaluate(() => visit());
      await lab.context.addInitScript(() => {
        const { now } = Date;
        Date.now = () => now() - 1e11;
      });
      const page = await lab.page();
      const seen = await page.evaluate(() => visit());
      return { ...seen, next: await page.evaluate(() => next()) };
    },
  },
  {
    name: "The clock set back in mid-answer",
    expected: "well",
    async run(lab) {
      const page = await lab.page();
      await page.evaluate(() => visit());
      const seen = await page.evaluate(() => {
        const { now } = Date;
        const answer = async () => {
          for await (const event of toolgen.run("what is the weather in Bergen tomorrow?", { unsure: "call" }))
            if (event.type === "ranking") Date.now = () => now() - 1e11;
        };
        return outcome(answer());
      });
      return { ...seen, next: await page.evaluate(() => next()) };
    },
  },
];
