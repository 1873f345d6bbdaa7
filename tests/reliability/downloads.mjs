/** The network, and servers, that fail while the model comes. */
import { FILE, isShard, MANIFEST, MODULE, PACK } from "./lab.mjs";

const lost = (response) => (response.destroy(), true);

/** A visit during which requests for some paths fail, each for so many times. */
const visitWith = (isHit, times, change) => async (lab) => {
  const page = await lab.page();
  const counts = new Map();
  lab.fail = (path, response, content) => {
    const count = (counts.get(path) ?? 0) + 1;
    counts.set(path, count);
    return isHit(path) && count <= times && lost(response, content);
  };
  const seen = await page.evaluate((change) => visit(change), change);
  lab.fail = undefined;
  return { ...seen, next: await page.evaluate((change) => next(change), change) };
};
const is = (wanted) => (path) => path === wanted;
const FOR_LONG = 100;

export const downloads = [
  { name: "Network lost for a moment: manifest", expected: "well", run: visitWith(is(MANIFEST), 1) },
  { name: "Network lost for a moment: each shard", expected: "well", run: visitWith(isShard, 1) },
  { name: "Network lost for a moment: pack", expected: "well", run: visitWith(is(PACK), 1) },
  { name: "Network lost for a moment: module", expected: "well", run: visitWith(is(MODULE), 1) },
  { name: "Network lost for long: pack", expected: "download", run: visitWith(is(PACK), FOR_LONG) },
  {
    name: "Network lost for long: module",
    expected: "download",
    run: visitWith((path) => path.endsWith(".wasm"), FOR_LONG),
  },
  {
    name: "Network lost for long: single file",
    expected: "download",
    run: visitWith(is(FILE), FOR_LONG, { checkpoint: FILE }),
  },
  {
    name: "A connection that breaks in mid-shard",
    expected: "well",
    async run(lab) {
      const page = await lab.page();
      const broken = new Set();
      lab.fail = (path, response, content) => {
        if (!isShard(path) || broken.has(path)) return false;
        broken.add(path);
        const half = content.subarray(0, content.length >> 1);
        lab.sent.set(path, half.length);
        response.writeHead(200, { "content-length": content.length });
        return (response.write(half, () => response.destroy()), true);
      };
      const seen = await page.evaluate(() => visit());
      return { ...seen, next: await page.evaluate(() => next()) };
    },
  },
  {
    name: "The tab is closed in mid-download",
    expected: "well",
    async run(lab) {
      const first = await lab.page();
      let held = 0;
      lab.fail = (path, response) => isShard(path) && lab.sent.size > 4 && (held++, response.writeHead(200), true);
      const loading = first.evaluate(() => void visit());
      await loading;
      while (held === 0) await first.waitForTimeout(20);
      await first.close();
      lab.fail = undefined;
      const page = await lab.page();
      const seen = await page.evaluate(() => visit());
      return { ...seen, next: await page.evaluate(() => next()) };
    },
  },
  {
    name: "Two tabs at once",
    expected: "well",
    async run(lab) {
      const pages = [await lab.page(), await lab.page()];
      const seen = await Promise.all(pages.map((page) => page.evaluate(() => visit())));
      const worse = seen.find(({ code }) => code !== "well") ?? seen[1];
      return { ...worse, next: await pages[1].evaluate(() => next()) };
    },
  },
];
