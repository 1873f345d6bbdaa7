/** A question and what came of it, as the person reads it. */
import type { RankedTool } from "../core/types.js";
import type { RunEvent } from "../run.js";
import { make } from "./dom.js";
import { argumentsOf, ENDS, NO_TOOL, percent, shortened, titled } from "./words.js";

export class Turn {
  readonly element: HTMLElement;
  readonly #answer = make("div", { part: "answer" });
  readonly #details = make("dl");
  readonly #why = make(
    "details",
    { part: "details", hidden: true },
    make("summary", {}, "How it came about"),
    this.#details,
  );
  #ranked?: HTMLElement;
  readonly #busy = make("p", { className: "quiet" });

  constructor(question: string) {
    const asked = make("p", { part: "question" }, shortened(question));
    this.element = make("li", { part: "turn" }, asked, this.#answer, this.#busy, this.#why);
  }

  /** What it is doing; nothing when it is done. */
  busy(text = ""): void {
    this.#busy.textContent = text;
  }

  say(text: string): void {
    this.#answer.append(make("p", {}, shortened(text)));
  }

  fail(text: string): void {
    this.#answer.append(make("p", { className: "problem" }, shortened(text)));
  }

  readonly show = (prompt: HTMLElement): void => {
    this.busy();
    this.#answer.append(prompt);
  };

  take(event: RunEvent): void {
    switch (event.type) {
      case "prefill":
        return this.busy("Reading…");
      case "ranking":
        return this.#rank(event.tools);
      case "tool":
        return this.busy(`${titled(event.name)}…`);
      case "call":
        this.#ranked = undefined;
        return void this.#because(
          "Call",
          [titled(event.call.name), ...argumentsOf(event.call).map((pair) => pair.join(": "))].join(", "),
        );
      case "request":
        return void this.#because("Request", `${event.request.method} ${event.request.url}`);
      case "retry":
        return this.busy("The server doesn’t answer; trying again…");
      case "error":
        // The person has just said so.
        return event.error.code === "not_approved" ? undefined : this.fail(event.error.message);
      case "abstain":
        return this.say(NO_TOOL[event.reason]);
      case "answer":
        return this.say(event.text || "Done.");
      case "finish": {
        this.busy();
        const end = ENDS[event.reason];
        if (end !== undefined && !this.#answer.hasChildNodes()) this.say(end);
      }
    }
  }

  /** A second ranking takes the place of the first. */
  #rank(tools: readonly RankedTool[]): void {
    const likely = tools.filter(({ probability }) => probability >= 0.01);
    const text = likely.map((tool) => `${titled(tool.name)} ${percent(tool)}`).join(", ");
    if (text === "") return;
    this.#ranked ??= this.#because("Tools", text);
    this.#ranked.textContent = text;
  }

  #because(label: string, text: string): HTMLElement {
    const told = make("dd", {}, shortened(text));
    this.#why.hidden = false;
    this.#details.append(make("dt", {}, label), told);
    return told;
  }
}
