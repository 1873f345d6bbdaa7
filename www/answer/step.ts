/** One call of an answer: what came of it, then the ranking, the call and the request, folded. */
import type { ArgumentToken, Arguments, HttpRequest, Observation, RankedTool, Tool, ToolCall } from "toolgen";
import { make } from "../dom.ts";
import { TokenView } from "../inside/token-view.ts";
import { withoutGrammar, type WriteFreely } from "../inside/without-grammar.ts";
import { explain } from "../words/errors.ts";
import { milliseconds, percent, titleOf } from "../words/format.ts";
import { sentenceOf } from "../words/sentence.ts";
import { parseUrl } from "../words/url.ts";
import { disclosure } from "./disclosure.ts";
import { showProblem } from "./problem.ts";
import { markChosen, NONE, rankedWithNone, showRanking, type Ranked } from "./ranking.ts";
import { showResult } from "./value.ts";

export type FindTool = (name: string) => Tool | undefined;

/** What is the answer where no server and no function of the page gives one. */
export type StandIn = "example" | "offline" | "call";

const STANDS_IN: Record<StandIn, string> = {
  example: "An example reply that is stored in this page: nothing was sent.",
  offline: "The service can't be reached: this is an example reply that is stored in this page, not today's.",
  call: "This page has no function for it: the call is shown, and nothing happened.",
};

export class Step {
  readonly element = make("section", { className: "step" });
  /** Where a person is asked something. */
  readonly prompt = make("div", { className: "prompts" });
  readonly #outcome = make("div", { className: "outcome" });
  readonly #tool = disclosure("Tool");
  readonly #call = disclosure("Call");
  readonly #request = disclosure("Request");
  readonly #line = make("pre", { className: "call" });
  readonly #tokens = new TokenView();
  readonly #find: FindTool;
  #ranked: Ranked[] = [];
  #list?: HTMLElement;
  #arguments?: HTMLElement;
  /** The tool that the model chose, and its arguments as it wrote them. */
  #written?: { tool: string; held: string };
  #made?: ToolCall;
  #standIn?: StandIn;
  /** What documents that were read have said. */
  readonly #looks: HTMLElement[] = [];
  /** Nothing more comes: the next ranking is another step's. */
  over = false;

  constructor(find: FindTool) {
    this.#find = find;
    this.#call.body.append(this.#line);
    this.element.append(this.#outcome, this.prompt);
  }

  ranking(tools: readonly RankedTool[], abstain: number | undefined, none: string): void {
    this.#ranked = rankedWithNone(tools, abstain, this.#find, none);
    this.#list = showRanking(this.#ranked);
    this.#tool.body.replaceChildren(this.#list, ...this.#looks);
    const first = this.#ranked[0];
    if (first) this.#tool.says(`${first.title}, ${percent(first.probability)}`);
    this.element.append(this.#tool.element);
  }

  none(): void {
    if (this.#list) this.#choose(NONE);
  }

  #choose(name: string): void {
    if (this.#list) markChosen(this.#list, name);
    const title = name === NONE ? "No tool fits" : titleOf(this.#find(name) ?? { name });
    const chosen = this.#ranked.find((ranked) => ranked.name === name);
    this.#tool.says(chosen ? `${title}, ${percent(chosen.probability)}` : title);
    if (!this.#tool.element.isConnected) this.element.append(this.#tool.element);
  }

  /** The tool's document was read, to be sure. */
  look(name: string, probability: number): void {
    const text = `Read what ${titleOf(this.#find(name) ?? { name })} does: it fits, ${percent(probability)} by that alone.`;
    const look = make("p", { className: "quiet" }, text);
    this.#looks.push(look);
    this.#tool.body.append(look);
  }

  tool(name: string): void {
    this.#choose(name);
    this.#arguments = make("span", { className: "arguments" });
    this.#line.replaceChildren(make("mark", { title: "one token of the model" }, name), " ", this.#arguments);
    this.#tokens.tool(name);
    this.#written = { tool: name, held: "" };
    this.#call.says(make("span", { className: "writing" }, name));
    this.element.append(this.#call.element);
  }

  argumentsDelta(text: string): void {
    this.#arguments?.append(text);
    if (this.#written) this.#written.held += text;
  }

  /** What the model wrote can be compared with what it would have written without the grammar. */
  withoutGrammar(write: WriteFreely): void {
    const written = this.#written;
    const tool = written && this.#find(written.tool);
    if (!tool || written.held === "") return;
    this.#call.body.append(withoutGrammar({ ...written, schema: tool.parameters }, write));
  }

  /** An engine that explains its tokens says each of them; without that the call is shown as text. */
  token(token: ArgumentToken): void {
    this.#tokens.token(token);
    if (!this.#tokens.element.isConnected) this.#call.body.append(this.#tokens.element);
  }

  /** The whole arguments, spaced for reading; the stream showed the bare JSON. */
  call(call: ToolCall): void {
    if (!this.#arguments) this.tool(call.name); // a call that a person completed
    this.#made = call;
    if (this.#arguments) this.#arguments.textContent = spaced(call.arguments);
    this.#call.says(inShort(call));
    if (this.#find(call.name)?.http) return;
    this.#request.says("none: it runs in this page");
    this.#request.body.replaceChildren(make("p", { className: "quiet" }, "No request is sent."));
  }

  request({ method, url, body }: HttpRequest): void {
    const documentation = this.#made && this.#find(this.#made.name)?.http?.documentation;
    this.#request.says(this.#standIn ? "nothing is sent" : new URL(url).host);
    this.#request.body.replaceChildren(make("code", {}, `${method} `, linkTo(url, url)));
    if (typeof body === "string") this.#request.body.append(make("pre", {}, body));
    if (documentation !== undefined) {
      const text = `Documentation of ${new URL(url).host}`;
      this.#request.body.append(linkTo(documentation, text, "docs"));
    }
    this.element.append(this.#request.element);
  }

  standIn(what: StandIn): void {
    this.#standIn = what;
    this.#request.says(what === "offline" ? "not reached" : "nothing is sent");
  }

  retry(waitMs: number, reason: string): void {
    const text = `Trying again in ${milliseconds(waitMs)}: ${reason}`;
    this.#request.body.append(make("p", { className: "quiet" }, text));
  }

  /** Shows what came of the call and gives the sentence that says it. */
  observation(observation: Observation): string {
    this.over = true;
    const call = this.#made!;
    const { missing = [] } = observation;
    const { text, rest } = sentenceOf(this.#find(call.name), call, observation);
    this.say(text);
    if (Object.keys(rest).length > 0) this.#outcome.append(showResult(rest));
    if (missing.length > 0)
      this.#outcome.append(make("p", { className: "quiet" }, `Not in this answer: ${missing.join(", ")}.`));
    const aside = this.#standIn && STANDS_IN[this.#standIn];
    if (aside) this.#outcome.append(make("p", { className: "quiet" }, aside));
    if (!this.#request.element.isConnected) this.element.append(this.#request.element);
    return aside ? `${text} ${aside}` : text;
  }

  /** Shows why the call failed and gives the sentence that says it. */
  error(error: unknown): string {
    this.over = true;
    const explained = explain(error, { online: navigator.onLine });
    this.#outcome.replaceChildren(showProblem(explained));
    return explained.text;
  }

  /** The question doesn't say all that the tool requires. */
  ask(call: ToolCall, what: string, form: HTMLElement): string {
    this.call(call);
    this.over = true;
    const text = `${titleOf(this.#find(call.name) ?? call)} needs a little more: ${what}.`;
    this.say(text);
    this.prompt.replaceChildren(form);
    return text;
  }

  /** The sentence that stands for the step. */
  say(text: string): void {
    this.#outcome.replaceChildren(make("p", { className: "sentence" }, text));
  }

  /** The person has said what was missing. */
  resume(): void {
    this.over = false;
    this.#outcome.replaceChildren();
    this.prompt.replaceChildren();
  }

  /** Stops the moving parts when a question ends early. */
  stop(): void {
    this.prompt.replaceChildren();
    for (const moving of this.element.querySelectorAll(".writing")) moving.classList.remove("writing");
  }
}

/** A file or a document may name anything: what is no page is text. */
function linkTo(url: string, text: string, className = ""): HTMLElement {
  if (!/^https?:$/.test(parseUrl(url)?.protocol ?? "")) return make("span", { className }, text);
  return make("a", { className, href: url, rel: "noreferrer", target: "_blank" }, text);
}

/** `weather_now: Oslo` */
function inShort({ name, arguments: args }: ToolCall): string {
  const values = Object.values(args).map((value) => (typeof value === "string" ? value : JSON.stringify(value)));
  return values.length > 0 ? `${name}: ${values.join(", ")}` : name;
}

function spaced(args: Arguments): string {
  const text = JSON.stringify(args, null, 1);
  const line = text.replace(/\n\s*/g, " ");
  return line.length <= 60 ? line : JSON.stringify(args, null, 2);
}
