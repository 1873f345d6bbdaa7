/** The card that shows one question on its way from ranking to answer. */
import type { AbstainReason, HttpRequest, JsonSchema, Observation, RankedTool, Tool, ToolCall } from "toolgen";
import { byId, make } from "./dom.ts";
import { milliseconds, percent, titleOf } from "./format.ts";
import { showResult } from "./value.ts";

export interface Timings {
  /** From the question to the choice of the tool. */
  toolMs?: number;
  /** … to the complete call. */
  callMs?: number;
  /** … to the answer. */
  totalMs?: number;
}

export class AnswerCard {
  readonly #card = byId("answer-card");
  readonly #ranking = byId("ranking");
  readonly #call = byId("call");
  readonly #request = byId("request");
  readonly #answer = byId("answer");
  readonly #tools: Map<string, Tool>;
  #arguments?: HTMLElement;

  constructor(tools: readonly Tool[]) {
    this.#tools = new Map(tools.map((tool) => [tool.name, tool]));
  }

  begin(question: string): void {
    byId("asked").textContent = question;
    for (const part of [this.#ranking, this.#call, this.#request, this.#answer, byId("timings")])
      part.replaceChildren();
    for (const row of ["request-row", "answer-row"]) byId(row).hidden = true;
    this.#ranking.append(make("li", { className: "quiet thinking" }, "Reading the question…"));
    this.#card.hidden = false;
  }

  /** How much of the question has been read. */
  reading(done: number, total: number): void {
    const line = this.#ranking.querySelector(".thinking");
    if (line && total > 0) line.textContent = `Reading the question… ${Math.round((100 * done) / total)} %`;
  }

  ranking(tools: RankedTool[]): void {
    this.#ranking.replaceChildren(...tools.map(({ name, probability }) => this.#rankedTool(name, probability)));
  }

  #rankedTool(name: string, probability: number): HTMLElement {
    const tool = this.#tools.get(name);
    const fill = make("span");
    fill.style.width = `${100 * probability}%`;
    const bar = make("span", { className: "bar", ariaHidden: "true" }, fill); // the number says it in words
    const title = make("span", { className: "tool-title", title: tool?.description ?? "" }, titleOf(tool ?? { name }));
    const item = make("li", {}, title, bar, make("span", { className: "probability" }, percent(probability)));
    item.dataset.tool = name;
    return item;
  }

  /** No tool fits: the ranking stays as what came nearest. */
  abstained(reason: AbstainReason): void {
    const why =
      reason === "language"
        ? "The model understands English alone. Please ask in English."
        : "None of the tools on this page fits. The ranking shows what came nearest.";
    this.#answer.append(make("p", {}, why));
    byId("answer-row").hidden = false;
  }

  /** Which tool is meant, says the person; null for none. */
  choose(candidates: RankedTool[]): Promise<string | null> {
    return new Promise((resolve) => {
      const button = (name: string | null, text: string) => {
        const onclick = () => {
          this.#answer.replaceChildren();
          byId("answer-row").hidden = true;
          resolve(name);
        };
        const button = make("button", { type: "button", className: "chip", onclick }, text);
        button.dataset.choice = name ?? "";
        return button;
      };
      const buttons = candidates.map(({ name }) => button(name, titleOf(this.#tools.get(name) ?? { name })));
      this.#answer.replaceChildren(make("p", {}, "What do you mean?"), ...buttons, button(null, "None of these"));
      byId("answer-row").hidden = false;
    });
  }

  tool(name: string): void {
    for (const item of this.#ranking.querySelectorAll<HTMLElement>("li")) {
      item.classList.toggle("chosen", item.dataset.tool === name);
      if (item.dataset.tool === name) item.ariaCurrent = "true";
    }
    this.#arguments = make("span", { className: "arguments" });
    this.#call.replaceChildren(make("mark", { title: "one token of the model" }, name), " ", this.#arguments);
    this.#call.classList.add("writing");
  }

  argumentsDelta(text: string): void {
    this.#arguments?.append(text);
  }

  call({ name, arguments: args }: ToolCall): void {
    this.#written(args);
    if (this.#tools.get(name)?.http) return;
    this.#request.append(make("span", { className: "badge" }, "in this page"), " no request is sent");
    byId("request-row").hidden = false;
  }

  /** The question doesn't say these required arguments, so there is no call. */
  ask({ name, arguments: args }: ToolCall, parameters: { name: string; schema: JsonSchema }[]): void {
    this.#written(args);
    const missing = parameters.map(({ name, schema }) => schema.description?.replace(/\.$/, "") ?? name);
    const text = `${titleOf(this.#tools.get(name) ?? { name })} needs more than the question says: ${missing.join("; ")}.`;
    this.#answer.append(make("p", {}, text));
    byId("answer-row").hidden = false;
  }

  /** The whole arguments, spaced for reading; the stream showed the bare JSON. */
  #written(args: ToolCall["arguments"]): void {
    this.#call.classList.remove("writing");
    if (this.#arguments) this.#arguments.textContent = spaced(args);
  }

  request(name: string, { method, url }: HttpRequest): void {
    const documentation = this.#tools.get(name)?.http?.documentation;
    this.#request.replaceChildren(
      make("code", {}, `${method} `, make("a", { href: url, rel: "noreferrer", target: "_blank" }, url)),
    );
    if (documentation !== undefined) {
      const text = `Documentation of ${new URL(url).host}`;
      this.#request.append(
        make("a", { className: "quiet docs", href: documentation, rel: "noreferrer", target: "_blank" }, text),
      );
    }
    byId("request-row").hidden = false;
  }

  answer({ result, body, missing = [] }: Observation): void {
    const empty = Object.keys(result).length === 0;
    this.#answer.append(empty ? make("pre", { className: "text" }, textOf(body)) : showResult(result));
    if (missing.length > 0)
      this.#answer.append(make("p", { className: "quiet" }, `Not in this answer: ${missing.join(", ")}.`));
    byId("answer-row").hidden = false;
  }

  timings({ toolMs, callMs, totalMs }: Timings): void {
    const parts = [
      toolMs !== undefined && `tool after ${milliseconds(toolMs)}`,
      callMs !== undefined && `call after ${milliseconds(callMs)}`,
      totalMs !== undefined && `${milliseconds(totalMs)} in all`,
    ];
    byId("timings").textContent = parts.filter(Boolean).join(" · ");
  }

  /** Stops the moving parts when a question ends early. */
  stop(): void {
    this.#call.classList.remove("writing");
    this.#ranking.querySelector(".thinking")?.remove();
    this.#card.hidden = !this.#ranking.hasChildNodes();
  }
}

function spaced(args: Record<string, unknown>): string {
  const text = JSON.stringify(args, null, 1);
  const line = text.replace(/\n\s*/g, " ");
  return line.length <= 60 ? line : JSON.stringify(args, null, 2);
}

function textOf(body: unknown): string {
  return typeof body === "string" ? body : JSON.stringify(body, null, 2);
}
