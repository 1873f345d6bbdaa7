/** Runs whose events are neither read to the end nor returned: nobody replies to them any more. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import type { RunEvent, Toolgen } from "../../pkg/index.ts";
import { log } from "./fake-wasm.ts";
import { closeAll, toolgenOf } from "./loaded.ts";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

afterEach(closeAll);

const TOOLS = [
  { name: "add", description: "Adds", parameters: { type: "object" }, annotations: { readOnlyHint: true } },
];

async function opened(): Promise<Toolgen> {
  return toolgenOf({ tools: TOOLS, answers: {} }, { add: () => 5 });
}

async function until(condition: () => boolean): Promise<boolean> {
  for (let tries = 0; tries < 200 && !condition(); tries++) {
    collectGarbage();
    await wait(10);
  }
  return condition();
}

test("a run that nobody can read any more is freed", async () => {
  const toolgen = await opened();
  const living = log.living;
  const leave = async () =>
    assert.equal((await toolgen.run("two and three")[Symbol.asyncIterator]().next()).done, false);
  await leave();
  await leave();
  assert.equal(log.living, living + 2, "both wait for a reply");
  assert.ok(await until(() => log.living === living), `${log.living - living} are left`);
  // Others go on.
  assert.equal((await toolgen.call("two and three")).call?.name, "add");
});

test("a run that is read slowly is left alone", async () => {
  const toolgen = await opened();
  const events: RunEvent[] = [];
  for await (const event of toolgen.run("two and three")) {
    events.push(event);
    collectGarbage();
    await wait(20);
  }
  const last = events.at(-1)!;
  assert.equal(last.type === "finish" && last.reason, "done");
});
