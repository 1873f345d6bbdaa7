import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import type { Manifest } from "../../pkg/download/manifest.ts";
import { hasModel } from "../../pkg/download/models.ts";
import { CHUNK, checkStored, MODEL, publish, read, SHARD, visit, type Visit } from "./download-fixture.ts";
import { honest, ignoreRange, ShardServer, status, wrongAt, type Turn } from "./shard-server.ts";

let server: ShardServer;
let manifest: Manifest;
let url: string;

beforeEach(async () => {
  server = await ShardServer.start();
  url = `${server.url}manifest.json`;
  manifest = publish(server);
});
afterEach(() => server.close());

const file = (shard: number) => manifest.shards[shard]!.file;
/** Bytes of shards that were served, in all or to one visit: an aborted request may reach the server late. */
const shardBytes = (page?: Visit) =>
  server.log
    .filter(({ file, visit }) => file !== "manifest.json" && (!page || visit === page.id))
    .reduce((sum, { bytes }) => sum + bytes, 0);
const ranges = (shard: number) => server.of(file(shard)).map(({ range }) => range);

test("a connection that breaks is continued at the byte where it broke", async () => {
  const place = 2 * CHUNK + 1000;
  const page = visit();
  let cut = () => {};
  server.next(file(0), ({ content, head, send, cut: end }: Turn) => {
    head();
    send(content.subarray(0, place));
    cut = end;
  });
  page.onProgress = ({ loaded }) => loaded === place && cut();
  await read(page, url, { parallel: 1 });
  assert.deepEqual(ranges(0), [undefined, `bytes=${place}-${SHARD - 1}`]);
  assert.equal(shardBytes(), MODEL.length);
  assert.deepEqual(page.pauses, [500]);
});

test("where a part is refused before it is answered, as a preflight is, the whole shard is asked for", async () => {
  const page = visit();
  let cut = () => {};
  server.next(
    file(0),
    ({ content, head, send, cut: end }: Turn) => (head(), send(content.subarray(0, 5000)), (cut = end)),
  );
  page.onProgress = ({ loaded }) => loaded === 5000 && cut();
  const { fetch } = page.environment;
  const refused: unknown[] = [];
  page.environment.fetch = async (input, init) => {
    const range = new Headers(init?.headers).get("range");
    if (range === null) return fetch(input, init);
    refused.push(range);
    throw new TypeError("Failed to fetch");
  };
  await read(page, url, { parallel: 1 });
  assert.equal(refused.length, 1);
  assert.deepEqual(ranges(0), [undefined, undefined]);
  assert.equal(page.progress.at(-1)!.loaded, MODEL.length);
});

test("a server that ignores Range is read from its start without a wrong or doubled byte", async () => {
  const page = visit();
  let cut = () => {};
  server.next(
    file(0),
    ({ content, head, send, cut: end }: Turn) => (head(), send(content.subarray(0, 5000)), (cut = end)),
    ignoreRange,
  );
  page.onProgress = ({ loaded }) => loaded === 5000 && cut();
  await read(page, url, { parallel: 1 });
  assert.equal(shardBytes(), 5000 + MODEL.length);
  assert.equal(page.progress.at(-1)!.loaded, MODEL.length);
});

test("gaps in what is stored are asked for alone; a server that ignores Range fills them all in one answer", async () => {
  for (const behaviour of [honest, ignoreRange]) {
    const { storage } = await firstVisit();
    const [key] = await storage.models();
    for (const gap of [1, 3]) await storage.remove(key!, manifest.shards[1]!.chunks[gap]!);
    assert.equal(await hasModel(url, visit(storage).environment), false);
    server.log.length = 0;
    server.behaviour = (turn) => (turn.request.url === "/manifest.json" ? honest : behaviour)(turn);
    const page = visit(storage);
    await read(page, url);
    const gaps = [`bytes=${CHUNK}-${2 * CHUNK - 1}`, `bytes=${3 * CHUNK}-${4 * CHUNK - 1}`];
    assert.deepEqual(ranges(1), behaviour === honest ? gaps : gaps.slice(0, 1));
    assert.equal(shardBytes(), behaviour === honest ? 2 * CHUNK : SHARD);
    assert.equal(page.progress[0]!.loaded, MODEL.length - 2 * CHUNK);
    assert.equal(page.progress.at(-1)!.loaded, MODEL.length);
    server.behaviour = honest;
  }
});

test("a wrong byte costs one fetch of its chunk alone", async () => {
  server.next(file(2), wrongAt(CHUNK + 7));
  const page = visit();
  await read(page, url);
  assert.deepEqual(ranges(2), [undefined, `bytes=${CHUNK}-${2 * CHUNK - 1}`]);
  assert.equal(shardBytes(), MODEL.length + CHUNK);
  assert.equal(await checkStored(page.storage), MODEL.length);
  assert.equal(page.progress.at(-1)!.loaded, MODEL.length);
});

test("a byte that stays wrong is an error that names it; nothing wrong is delivered or stored", async () => {
  for (const cache of ["prefer", "none"] as const) {
    server.log.length = 0;
    server.next(file(1), wrongAt(CHUNK + 7), wrongAt(CHUNK + 7));
    const page = visit();
    const message = new RegExp(`${file(1)}.*bytes ${CHUNK} to ${2 * CHUNK - 1}`);
    await assert.rejects(read(page, url, { cache }), { name: "ToolgenError", code: "integrity", message });
    assert.equal(ranges(1).length, 2);
    const stored = await checkStored(page.storage);
    if (cache === "none") assert.equal(stored, 0);
    assert.ok(stored < MODEL.length);
    // The mistake mended, only what is missing is fetched.
    const next = visit(page.storage);
    await read(next, url);
    assert.equal(shardBytes(next), MODEL.length - stored);
  }
});

test("416 and an answer with another range are errors", async () => {
  const { storage } = await firstVisit();
  const [key] = await storage.models();
  const damage = async (behaviour: (turn: Turn) => unknown) => {
    await storage.remove(key!, manifest.shards[1]!.chunks[2]!);
    server.next(file(1), behaviour);
    return read(visit(storage), url);
  };
  await assert.rejects(damage(status(416, { "content-range": "bytes */9000" })), {
    code: "download",
    status: 416,
    message: /9000 bytes/,
  });
  const answer =
    (range: string) =>
    ({ response, content, from, to }: Turn) => {
      response.writeHead(206, { "content-range": range }).end(content.subarray(from, to));
    };
  const right = `bytes ${2 * CHUNK}-${3 * CHUNK - 1}`;
  for (const range of [
    `bytes 0-${CHUNK - 1}/${SHARD}`,
    `${right}/9000`,
    `bytes ${2 * CHUNK}-${SHARD - 1}/${SHARD}`,
    "chunks 2-3",
  ]) {
    await assert.rejects(damage(answer(range)), { code: "download", message: new RegExp(range.replace("/", ".")) });
  }
  await damage(answer(`${right}/*`));
  // Another origin may hide the header; a wrong part is found by its hash.
  await damage(({ response, content, from, to }) => response.writeHead(206).end(content.subarray(from, to)));
  await damage(({ response, content, from, to }) => response.writeHead(206).end(content.subarray(from - 1, to - 1)));
  assert.equal(await checkStored(storage), MODEL.length);
});

test("a server may be slow, but not silent", async () => {
  const trickle = async ({ response, content, head, send }: Turn) => {
    head();
    for (let at = 0; at < content.length; at += 1000) {
      send(content.subarray(at, at + 1000));
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    response.end();
  };
  server.next(file(4), trickle);
  const slow = visit();
  await read(slow, url, { stallMs: 150 });
  assert.deepEqual([ranges(4).length, slow.pauses.length], [1, 0]);

  server.log.length = 0;
  server.next(file(4), ({ content, head, send }: Turn) => (head(), send(content.subarray(0, 5000))));
  const silent = visit();
  await read(silent, url, { stallMs: 150 });
  assert.deepEqual(ranges(4), [undefined, "bytes=5000-7776"]);
  assert.equal(shardBytes(), MODEL.length);

  server.next(file(4), ...Array(3).fill(() => {}));
  await assert.rejects(read(visit(), url, { stallMs: 20, retries: 2 }), {
    code: "download",
    message: /no data for 20 ms/,
  });
});

test("a busy server is asked again, less and less often; a missing file is not", async () => {
  server.next(file(0), status(503), status(429, { "retry-after": "7" }), status(500));
  const page = visit();
  await read(page, url);
  assert.deepEqual(page.pauses, [500, 7000, 2000]);

  // A part of the wait is left to chance; what the server asks for, also as a date, is not.
  const soon = new Date(Date.now() + 20_000).toUTCString();
  server.next(file(0), status(503), status(503), status(503, { "retry-after": soon }));
  const lucky = visit(undefined, { random: () => 0.25 });
  await read(lucky, url);
  assert.deepEqual(lucky.pauses.slice(0, 2), [125, 250]);
  assert.ok(lucky.pauses[2]! > 15_000 && lucky.pauses[2]! <= 20_000);

  // The body of such an answer isn't waited for.
  server.next(file(0), ({ response }) => response.writeHead(503).write("sorry"));
  await read(visit(), url);
  await until(() => server.log.every(({ closed }) => closed));

  server.next(file(0), ...Array(6).fill(status(503)));
  const given = visit();
  await assert.rejects(read(given, url), { code: "download", status: 503, message: /503 \(attempt 6, the last\)/ });
  assert.deepEqual(given.pauses, [500, 1000, 2000, 4000, 8000]);

  server.files.delete(file(3));
  await assert.rejects(read(visit(), url), { code: "download", status: 404, message: new RegExp(file(3)) });
  server.files.delete("manifest.json");
  await assert.rejects(read(visit(), url), { code: "download", status: 404 });
});

test("a file that is shorter than the manifest says is an error", async () => {
  server.files.set(file(1), server.files.get(file(1))!.subarray(0, 9000));
  server.behaviour = (turn) => (turn.from >= turn.content.length ? status(416)(turn) : honest(turn));
  await assert.rejects(read(visit(), url), { code: "download", status: 416 });
  server.behaviour = (turn) => (turn.request.url === "/manifest.json" ? honest : ignoreRange)(turn);
  await assert.rejects(read(visit(), url), { code: "download", message: /ended after 9000 of 20000 bytes/ });
});

test("a manifest with wrong hashes is an error and not a wrong model", async () => {
  const shards = manifest.shards.map((shard, i) =>
    i === 3 ? { ...shard, chunks: [...shard.chunks].reverse() } : shard,
  );
  server.files.set("manifest.json", Buffer.from(JSON.stringify({ ...manifest, shards })));
  await assert.rejects(read(visit(), url), { code: "integrity", message: new RegExp(file(3)) });
  server.files.set("manifest.json", Buffer.from("<!doctype html>"));
  await assert.rejects(read(visit(), url), { code: "manifest", message: /is not JSON/ });
  server.files.set("manifest.json", Buffer.alloc((8 << 20) + 1, " "));
  await assert.rejects(read(visit(), url), { code: "manifest", message: /more than 8388608 bytes/ });
});

async function firstVisit() {
  const page = visit();
  await read(page, url);
  return page;
}

/** Waits for what happens soon, but not at once. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
