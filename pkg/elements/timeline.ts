/** A run's events, one row each; events that follow on each other with the same type share one. */
import type { ArgumentToken, RankedTool } from "../core/types.js";
import type { RunEvent } from "../run.js";
import type { Traced } from "../trace.js";
import { plainJson } from "../util/plain-json.js";
import { make } from "./dom.js";
import { share, TokenStrip } from "./tokens.js";
import { percent, shortened } from "./words.js";

export class Timeline {
  readonly element = make("ol", { part: "timeline" });
  readonly #entries: readonly Traced[];
  #last?: { type: string; content: HTMLElement };
  #strip?: TokenStrip;

  constructor(entries: readonly Traced[] = []) {
    this.#entries = entries;
    for (const entry of entries) this.add(entry);
  }

  add({ atMs, event }: Traced): void {
    const { type } = event;
    if (type === "tool") this.#strip = undefined;
    const isMore = this.#last?.type === type && (type === "prefill" || type === "arguments");
    if (!isMore) this.#last = { type, content: this.#row(atMs, type) };
    const { content } = this.#last!;
    if (type === "arguments") return event.tokens ? this.#explain(event.tokens, content) : writeOn(content, event.text);
    content.replaceChildren(...contentOf(event));
  }

  #explain(tokens: readonly ArgumentToken[], content: HTMLElement): void {
    if (!this.#strip) content.append((this.#strip = new TokenStrip()).element);
    for (const token of tokens) this.#strip.add(token);
  }

  #row(atMs: number, type: string): HTMLElement {
    const content = make("div", { className: "content" });
    const time = make("span", { className: "time" }, `${atMs} ms`);
    this.element.append(
      make("li", {}, time, make("strong", {}, Object.hasOwn(TITLES, type) ? TITLES[type] : type), content),
    );
    return content;
  }
}

const TITLES: Record<string, string> = {
  prefill: "Read",
  ranking: "Ranking",
  look: "Look",
  choose: "Choice",
  tool: "Tool",
  arguments: "Arguments",
  call: "Call",
  request: "Request",
  retry: "Retry",
  observation: "Observation",
  error: "Error",
  ask: "Missing",
  abstain: "No tool",
  answer: "Answer",
  finish: "End",
};

function writeOn(content: HTMLElement, text: string): void {
  const code = content.querySelector("code") ?? content.appendChild(make("code"));
  code.textContent += text;
}

function contentOf(event: RunEvent): (Node | string)[] {
  switch (event.type) {
    case "prefill":
      return [`${event.done} of ${event.total} tokens`];
    case "ranking":
      return [
        `${event.sure ? "Sure" : "Not sure"}; no tool: ${percent({ probability: event.abstain })}`,
        ranking(event.tools),
      ];
    case "look":
      return [`${event.name} fits with ${percent(event)}`];
    case "choose":
      return ["A person is asked.", ranking(event.candidates)];
    case "tool":
      return [make("code", {}, event.name)];
    case "call":
    case "ask": {
      const missing = event.type === "ask" ? [event.parameters.map(({ name }) => name).join(", ")] : [];
      return [...missing, json(event.call)];
    }
    case "request":
      return [make("code", {}, `${event.request.method} ${event.request.url}`)];
    case "observation":
      return [json(event.observation.result)];
    case "error":
      return [make("code", {}, event.error.code), ` ${event.error.message}`];
    case "answer":
      return [shortened(event.text)];
    case "abstain":
    case "finish":
    case "retry":
      return [event.reason];
    default:
      return [];
  }
}

function ranking(tools: readonly RankedTool[]): HTMLElement {
  const items = tools.map((tool) =>
    make("li", {}, make("code", {}, tool.name), share(tool.probability), percent(tool)),
  );
  return make("ol", { part: "ranking" }, ...items);
}

/** In short: an answer may be large. */
function json(value: unknown): HTMLElement {
  const line = plainJson(value) ?? "nothing";
  const text = line.length < 80 ? line : plainJson(value, 2)!;
  return make("pre", { tabIndex: 0 }, shortened(text));
}
