/** Plays a saved run on the page, as fast as it was. */
import type { RunEvent } from "toolgen";
import { replay } from "toolgen/trace";
import { Turn } from "../answer/turn.ts";
import { isPicture } from "../answer/value.ts";
import { byId, make } from "../dom.ts";
import { newResult } from "../result.ts";
import { show } from "../show.ts";
import { readRun } from "./run-file.ts";

/** A person may have thought for an hour before they approved. */
const PATIENCE_MS = 3000;
/** Of a file; the largest answers are a hundredth of it. */
const MAX_BYTES = 50e6;

let playing: AbortController | undefined;

/** Errors: a file that is no run. */
export async function playRun(text: string): Promise<void> {
  const { question, saved, tools, trace } = readRun(text);
  playing?.abort();
  const { signal } = (playing = new AbortController());
  const day = new Date(saved);
  const when = Number.isNaN(+day) ? "" : ` on ${day.toLocaleDateString("en", { dateStyle: "medium" })}`;
  const badge = make("span", { className: "badge" }, `recorded${when}`);
  const find = (name: string) => tools.find((tool) => tool.name === name);
  const turn = new Turn(0, question, find, badge);
  byId("recorded").replaceChildren(turn.element);
  byId("recorded").hidden = false;
  turn.heading.focus();
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const shown = { result: newResult(question), elapsed: () => 0, answer() {} };
  try {
    for await (const event of replay(trace, still ? {} : { speed: 1, maxPauseMs: PATIENCE_MS, signal })) {
      if (signal.aborted) return;
      show(unfetched(event), turn, shown);
      turn.timings({}); // those of a recording say nothing
    }
  } catch (cause) {
    signal.throwIfAborted();
    // The file may be anyone's: its events need not be any.
    throw new Error("This saved run is damaged: the rest of it can't be shown.", { cause });
  } finally {
    turn.closeForm();
    turn.stop();
  }
  byId("status").textContent = shown.result.said.join(" ");
}

/** Pictures are named in place of being fetched: the file may be anyone's, and they may lie anywhere. */
export function unfetched(event: RunEvent): RunEvent {
  if (event.type !== "observation") return event;
  const named = (_: string, value: unknown) =>
    typeof value === "string" && isPicture(value) ? value.replace("https://", "") : value;
  return JSON.parse(JSON.stringify(event), named);
}

/** A button that opens a file, and says so where it is none. `opening` is called before it plays. */
export function openRunButton(opening: () => void): HTMLElement {
  const input = make("input", { type: "file", accept: ".json,application/json", hidden: true });
  const button = make(
    "button",
    { type: "button", className: "plain", onclick: () => input.click() },
    "Open a saved run",
  );
  const problem = make("span", { className: "problem", role: "alert" });
  input.addEventListener("change", async () => {
    const file = input.files?.[0];
    input.value = ""; // the same one can be opened again
    problem.textContent = "";
    try {
      if (!file) return;
      if (file.size > MAX_BYTES) throw new Error("This file is no saved run: it is far too large.");
      const text = await file.text();
      opening();
      await playRun(text);
    } catch (error) {
      problem.textContent = error instanceof DOMException ? "" : ` ${(error as Error).message}`;
    }
  });
  return make("span", {}, button, input, problem);
}
