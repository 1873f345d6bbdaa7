/**
 * One conversation (asked, answered, followed up, corrected, unsure then chosen, no tool) by itself, in React, and through
 * both chat interfaces.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { generateText, isStepCount, jsonSchema, tool, type ModelMessage } from "ai";
import { Window } from "happy-dom";
import { act, createElement } from "react";

import { createToolgen } from "../../pkg/adapters/ai-sdk.ts";
import type { ChatMessage } from "../../pkg/adapters/openai-types.ts";
import { createChatCompletions } from "../../pkg/adapters/openai.ts";
import { useRun } from "../../pkg/adapters/react.ts";
import type { RunEvent, Tool } from "../../pkg/index.ts";
import { createFakeToolgen, type FakeToolgenOptions } from "../../pkg/testing.ts";
import { collect } from "./loaded.ts";

const schema = { type: "object", properties: { minutes: { type: "integer" } }, required: ["minutes"] };
const tools: Tool[] = [
  { name: "set_timer", description: "Sets a timer.", parameters: schema },
  { name: "pause", description: "Pauses.", parameters: { type: "object", properties: {} } },
];
const timer = (minutes: number) => ({ name: "set_timer", arguments: { minutes } });

const answers: FakeToolgenOptions["answers"] = (question, { before = [] }) => {
  const follows = before.at(-1)?.call.name === "set_timer";
  switch (question) {
    case "Set a timer":
      return { name: "set_timer", missing: ["minutes"] };
    case "20 minutes":
      return follows ? timer(20) : null;
    case "And one of 5":
      return { ...timer(5), sure: follows };
    case "No, of 7":
      return { ...timer(7), sure: follows };
    case "Hold it":
      return { name: "pause", sure: false };
    default:
      return null;
  }
};
const functions = { set_timer: ({ minutes }: { minutes: number }) => `rings in ${minutes}`, pause: () => "paused" };
const fake = () => createFakeToolgen({ tools, answers, functions });
const AFTER_FORM = ["And one of 5", "No, of 7", "Hold it", "Do you like me?"];
const SAID = ["rings in 20", "rings in 5", "rings in 7", "paused", "abstained"];
const consent = {
  approve: () => true,
  choose: (candidates: { name: string }[]) => candidates.find(({ name }) => name === "pause")?.name ?? null,
};

/** The answer, or how the run ended without one. */
function said(events: readonly RunEvent[]): string {
  const last = events.at(-1);
  const answer = events.find((event) => event.type === "answer");
  assert.ok(last?.type === "finish");
  return answer?.text ?? last.reason;
}

test("a conversation", async () => {
  const chat = await fake().conversation();
  assert.equal(said(await collect(chat.run("Set a timer", consent))), "asked");
  const heard = [said(await collect(chat.answer({ minutes: 20 }, consent)))];
  for (const question of AFTER_FORM) heard.push(said(await collect(chat.run(question, consent))));
  assert.deepEqual(heard, SAID);
  assert.deepEqual(
    chat.export().map(({ query, call }) => [query, call?.name]),
    [
      ["Set a timer", "set_timer"],
      ["And one of 5", "set_timer"],
      ["No, of 7", "set_timer"],
      ["Hold it", "pause"],
    ],
  );
});

test("React", async (t) => {
  const window = new Window();
  Object.assign(globalThis, { window, document: window.document, IS_REACT_ACT_ENVIRONMENT: true });
  Object.defineProperty(globalThis, "navigator", { value: window.navigator, configurable: true });
  const { createRoot } = await import("react-dom/client");
  t.after(() => window.happyDOM.close());
  const chat = await fake().conversation();
  let runs!: ReturnType<typeof useRun>;
  const Runs = () => ((runs = useRun(chat)), null);
  const root = createRoot(document.createElement("div"));
  await act(async () => root.render(createElement(Runs)));
  const settled = async (begin: () => void) => {
    await act(async () => begin());
    for (let tries = 0; runs.status === "running" && tries < 200; tries += 1)
      await act(() => new Promise((resolve) => setTimeout(resolve, 5)));
    return said(runs.events);
  };
  assert.equal(await settled(() => runs.run("Set a timer", consent)), "asked");
  assert.ok(runs.status === "done" && runs.ask?.parameters[0]?.name === "minutes");
  const heard = [await settled(() => runs.answer({ minutes: 20 }, consent))];
  for (const question of AFTER_FORM) heard.push(await settled(() => runs.run(question, consent)));
  assert.deepEqual(heard, SAID);
  await act(async () => root.unmount());
});

/** What is asked and answered where a form's values and a choice are sentences. */
const SPOKEN = ["Set a timer", "20 minutes", "And one of 5", "No, of 7", "Hold it", "Pause, please", "Do you like me?"];
const HEARD = [
  "To call set_timer, this is missing: minutes.",
  "rings in 20",
  "rings in 5",
  "rings in 7",
  "Not sure which tool is meant: pause, set_timer, or none.",
  "paused",
  "No tool fits the question.",
];

test("the AI SDK", async () => {
  const model = createToolgen(fake());
  const own = {
    set_timer: tool({ inputSchema: jsonSchema<{ minutes: number }>(schema as never), execute: functions.set_timer }),
    pause: tool({ inputSchema: jsonSchema({ type: "object" }), execute: functions.pause }),
  };
  const messages: ModelMessage[] = [];
  const heard: string[] = [];
  for (const content of SPOKEN) {
    messages.push({ role: "user", content });
    const { text, response } = await generateText({ model, messages, tools: own, stopWhen: isStepCount(2) });
    messages.push(...response.messages);
    heard.push(text);
  }
  assert.deepEqual(heard, HEARD);
});

test("chat completions", async () => {
  const completions = createChatCompletions(fake());
  const messages: ChatMessage[] = [];
  const heard: string[] = [];
  const ask = async () => {
    const { message } = (await completions.create({ messages })).choices[0]!;
    messages.push(message);
    return message;
  };
  for (const content of SPOKEN) {
    messages.push({ role: "user", content });
    const { tool_calls: calls, ...first } = await ask();
    for (const { id, function: called } of calls ?? []) {
      const args = JSON.parse(called.arguments);
      messages.push({
        role: "tool",
        tool_call_id: id,
        content: functions[called.name as keyof typeof functions](args),
      });
    }
    const { content: text, refusal } = calls ? await ask() : first;
    heard.push(text ?? refusal ?? "");
  }
  assert.deepEqual(heard, HEARD);
});

test("an answer to a doubt chooses by name or by its words, or none; any other is a question of its own", async () => {
  const completions = createChatCompletions(fake());
  const reply = async (content: string) => {
    const doubt = "Not sure which tool is meant: set_timer, pause, or none.";
    const messages = [
      { role: "user", content: "Hold it" },
      { role: "assistant", content: doubt },
      { role: "user", content },
    ] as const;
    const { content: text, refusal, tool_calls: calls } = (await completions.create({ messages })).choices[0]!.message;
    return calls?.[0]?.function.name ?? text ?? refusal;
  };
  assert.equal(await reply("pause"), "pause");
  assert.equal(await reply("I mean Pause!"), "pause");
  assert.equal(await reply("none of them"), "None of these tools, then.");
  assert.equal(await reply("pause or set timer"), "No tool fits the question.", "it names two");
  assert.equal(await reply("Set a timer"), HEARD[0]);
});
