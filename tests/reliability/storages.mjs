/** What the browser stored and then lost, damaged or had no room for. */
import { FILE, isShard, MANIFEST, PACK } from "./lab.mjs";

/** Runs in the page: changes files of the model in the origin private file system. */
const eachChunk = (page, change) =>
  page.evaluate(async (change) => {
    const root = await (await navigator.storage.getDirectory()).getDirectoryHandle("toolgen");
    for await (const [model, folder] of root.entries())
      for await (const [name, file] of folder.entries()) {
        if (!/^[0-9a-f]{64}$/.test(name)) continue;
        if (change === "remove") await folder.removeEntry(name);
        else {
          const bytes = new Uint8Array(await (await file.getFile()).arrayBuffer());
          bytes[bytes.length >> 1] ^= 1;
          const stream = await file.createWritable();
          await stream.write(bytes);
          await stream.close();
        }
        if (change !== "remove") return model;
      }
  }, change);

/** A visit after one that went well, with `between` in between. */
const returning =
  (between, change = {}) =>
  async (lab) => {
    const first = await lab.page();
    await first.evaluate((change) => visit(change), change);
    await first.evaluate(() => toolgen.dispose());
    await between(first, lab);
    const page = await lab.page();
    const seen = await page.evaluate((change) => visit(change), change);
    return { ...seen, next: await page.evaluate((change) => next(change), change) };
  };

/** Puts another content in the place of a kept single file. */
const keep = (page, url, text) =>
  page.evaluate(
    async ([url, text]) => {
      const cache = await caches.open("toolgen");
      await cache.put(url, new Response(text, { headers: { "content-length": String(text.length) } }));
    },
    [url, text],
  );

export const storages = [
  { name: "Nothing happened between two visits", expected: "well", run: returning(async () => {}) },
  {
    name: "All storage evicted between visits",
    expected: "well",
    run: returning((page) => eachChunk(page, "remove")),
  },
  { name: "A stored chunk damaged", expected: "well", run: returning((page) => eachChunk(page, "damage")) },
  {
    name: "A stored single file damaged",
    expected: "well",
    run: returning((page) => keep(page, FILE, "GGUF and nothing"), { checkpoint: FILE }),
  },
  {
    name: "A stored single file of another model",
    expected: "well",
    run: returning(
      async (page, lab) => {
        // What an older release left: a checkpoint whose tensors are called otherwise.
        const older = lab.contents.get(FILE)().toString("latin1").replaceAll("attn_q", "attn_z");
        await keep(page, FILE, older);
      },
      { checkpoint: FILE },
    ),
  },
  {
    name: "Storage evicted in mid-load",
    expected: "well",
    async run(lab) {
      const page = await lab.page();
      await page.evaluate(async () => {
        (await load()).dispose();
      });
      await eachChunk(page, "damage"); // so that the load asks the network, and can be held there
      let held;
      lab.fail = (path, response, content) => {
        if (!isShard(path) || held) return false;
        held = () => response.writeHead(200, { "content-length": content.length }).end(content);
        return true;
      };
      const visiting = page.evaluate(() => visit({ stallMs: 20_000 }));
      while (!held) await page.waitForTimeout(20);
      await eachChunk(page, "remove");
      lab.fail = undefined;
      held();
      const seen = await visiting;
      return { ...seen, next: await page.evaluate(() => next()) };
    },
  },
  {
    name: "Quota full",
    expected: "well",
    async run(lab) {
      const page = await lab.page();
      const devtools = await lab.context.newCDPSession(page);
      const origin = new URL(lab.url).origin;
      await devtools.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 20_000 });
      await page.evaluate(() => visit());
      const again = await page.evaluate(() => visit());
      return { ...again, next: await page.evaluate(() => next()) };
    },
  },
  {
    name: "A pack of an old release in the browser's own cache",
    expected: "well",
    run: returning(async (_, lab) => {
      let isOld = true;
      const right = lab.contents.get(PACK);
      const wrong = Buffer.from(
        right()
          .toString("latin1")
          .replace(/"base_sha256":"./, '"base_sha256":"z'),
        "latin1",
      );
      lab.contents.set(PACK, () => (isOld ? ((isOld = false), wrong) : right()));
    }),
  },
  {
    name: "A manifest that names other bytes than the server has",
    expected: "integrity",
    async run(lab) {
      const right = lab.contents.get(MANIFEST);
      lab.contents.set(MANIFEST, () =>
        Buffer.from(
          right()
            .toString()
            .replace(
              /[0-9a-f]{64}(?="[^"]*"chunks")|(?<="chunks":\s*\[\s*")[0-9a-f]/,
              (found) => (found[0] === "0" ? "1" : "0") + found.slice(1),
            ),
        ),
      );
      const page = await lab.page();
      const seen = await page.evaluate(() => visit());
      lab.contents.set(MANIFEST, right);
      return { ...seen, next: await page.evaluate(() => next()) };
    },
  },
];
