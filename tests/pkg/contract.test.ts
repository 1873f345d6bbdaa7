/** What the crate and the package say of the same things. `tests/golden/contract.ts` is written by the crate. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import type { End, Reply, RunStreamEvent } from "../../pkg/protocol.ts";
import { errorCodes, events, replies } from "../golden/contract.ts";

test("the package knows the codes that the module throws, and no others", () => {
  const errors = readFileSync(join(import.meta.dirname, "../../pkg/core/errors.ts"), "utf8");
  const [, declared = ""] = /type WasmErrorCode =([^;]+);/.exec(errors) ?? [];
  const codes = [...declared.matchAll(/\| "(\w+)"/g)].map(([, code]) => code!);
  assert.deepEqual(codes.sort(), [...errorCodes].sort());
});

test("every kind of event, of end and of reply is in the contract", () => {
  // The compiler wants each of them here.
  const eventTypes = {
    prefill: 1,
    ranking: 1,
    abstain: 1,
    look: 1,
    tool: 1,
    arguments: 1,
    call: 1,
    ask: 1,
    token: 1,
    choose: 1,
    approve: 1,
    execute: 1,
    end: 1,
  } satisfies Record<RunStreamEvent["type"], 1>;
  const reasons = {
    done: 1,
    abstained: 1,
    unsure: 1,
    denied: 1,
    failed: 1,
    max_steps: 1,
    repeated: 1,
    no_room: 1,
    asked: 1,
  } satisfies Record<End["reason"], 1>;
  const replyTypes = { choice: 1, approval: 1, observation: 1, failure: 1 } satisfies Record<Reply["type"], 1>;
  assert.deepEqual(new Set(events.map(({ type }) => type)), new Set(Object.keys(eventTypes)));
  assert.deepEqual(
    new Set(events.flatMap((event) => (event.type === "end" ? [event.reason] : []))),
    new Set(Object.keys(reasons)),
  );
  assert.deepEqual(new Set(replies.map(({ type }) => type)), new Set(Object.keys(replyTypes)));
});
