/** The card of one question, from its first word to the answer. It stays on the page. */
import type {
  AbstainReason,
  ArgumentToken,
  Arguments,
  DeviceReport,
  HttpRequest,
  Observation,
  RankedTool,
  Tool,
  ToolCall,
} from "toolgen";
import { make } from "../dom.ts";
import type { Traced } from "toolgen/trace";
import { showStartup, showTimeline } from "../inside/timeline.ts";
import type { WriteFreely } from "../inside/without-grammar.ts";
import { explain, type Explained } from "../words/errors.ts";
import { milliseconds, percent, titleOf } from "../words/format.ts";
import { listOf } from "../words/humanise.ts";
import { questionOf } from "./fields.ts";
import { missingForm, type Parameter } from "./missing-form.ts";
import { showProblem } from "./problem.ts";
import { promptIn, type Option } from "./prompt.ts";
import { Step, type FindTool, type StandIn } from "./step.ts";

export interface Timings {
  /** From the question to the choice of the tool. */
  toolMs?: number;
  /** … to the complete call. */
  callMs?: number;
  /** … to the answer. */
  totalMs?: number;
}

export class Turn {
  readonly element: HTMLElement;
  readonly heading: HTMLElement;
  readonly #progress = make("p", { className: "quiet progress" });
  readonly #steps = make("div", { className: "steps" });
  readonly #end = make("div", { className: "end" });
  readonly #share = make("div", {});
  readonly #timings = make("p", { className: "quiet timings" });
  readonly #find: FindTool;
  #step?: Step;
  #first?: Step;
  #form?: ReturnType<typeof missingForm>;

  constructor(
    readonly id: number,
    readonly question: string,
    find: FindTool,
    link: Node,
  ) {
    this.#find = find;
    this.heading = make("h2", { id: `asked-${id}`, className: "asked", tabIndex: -1 }, headingOf(question));
    this.element = make(
      "article",
      { id: `answer-${id}`, className: "turn card" },
      make("header", {}, this.heading, link),
      this.#progress,
      this.#steps,
      this.#end,
      this.#timings,
      this.#share,
    );
    this.element.setAttribute("aria-labelledby", this.heading.id);
  }

  /** What goes on at the moment; nothing at the end. */
  progress(text = ""): void {
    this.#progress.textContent = text;
    this.#progress.hidden = text === "";
  }

  /** The step that goes on; another one after a result. */
  #current(): Step {
    if (!this.#step || this.#step.over) this.#step = new Step(this.#find);
    this.#first ??= this.#step;
    return this.#step;
  }

  /** A step is shown from the first on; a later one only if something comes of its ranking. */
  #shown(): Step {
    const step = this.#current();
    if (!step.element.isConnected) this.#steps.append(step.element);
    return step;
  }

  reading(done: number, total: number): void {
    const what = this.#steps.hasChildNodes() ? "Looking whether more is asked for" : "Reading the question";
    this.progress(total > 0 ? `${what}… ${Math.round((100 * done) / total)} %` : `${what}…`);
  }

  ranking(tools: readonly RankedTool[], abstain: number | undefined): void {
    const { firstElementChild: first } = this.#steps;
    const step = first ? this.#current() : this.#shown();
    const isFirst = !first || step.element === first; // told again after looks
    step.ranking(tools, abstain, isFirst ? "No tool fits" : "Nothing more is asked for");
  }

  look(name: string, probability: number): void {
    this.progress(`Reading what ${titleOf(this.#find(name) ?? { name })} does…`);
    this.#current().look(name, probability);
  }

  tool(name: string): void {
    this.progress(`${titleOf(this.#find(name) ?? { name })}…`);
    this.#shown().tool(name);
  }

  argumentsDelta(text: string): void {
    this.#current().argumentsDelta(text);
  }

  token(token: ArgumentToken): void {
    this.#current().token(token);
  }

  call(call: ToolCall): void {
    this.#shown().call(call);
  }

  request(request: HttpRequest): void {
    this.progress(`Asking ${new URL(request.url).host}…`);
    this.#current().request(request);
  }

  standIn(what: StandIn): void {
    this.#current().standIn(what);
  }

  retry(waitMs: number, reason: string): void {
    this.#current().retry(waitMs, reason);
  }

  observation(observation: Observation): string {
    this.#steps.after(this.#progress); // the sentence takes its place above what is folded
    return this.#current().observation(observation);
  }

  error(error: unknown): string {
    return this.#shown().error(error);
  }

  abstained(reason: AbstainReason): string {
    return this.none(
      reason === "language"
        ? "The model understands English alone. Please ask in English."
        : "None of the tools here fits that question.",
    );
  }

  /** No tool is meant; why, stands where an answer would. */
  none(text: string): string {
    const step = this.#current();
    if (!step.element.isConnected) return this.note(text);
    step.none();
    step.say(text);
    return text;
  }

  /** Which tool is meant, says the person; null for none. */
  choose(candidates: readonly RankedTool[]): Promise<string | null> {
    const likely = candidates.filter(({ probability }, index) => index === 0 || probability >= WORTH_ASKING);
    const options: Option<string | null>[] = likely.map(({ name, probability }) => ({
      value: name,
      text: titleOf(this.#find(name) ?? { name }),
      note: percent(probability),
    }));
    this.progress();
    return promptIn(this.#shown().prompt, "Did you mean …", [...options, { value: null, text: "None of these" }]);
  }

  /** Whether a call may be carried out, or a request be sent. */
  async approve(question: string, details: Node, yes: string, no: string): Promise<boolean> {
    this.progress();
    const options = [
      { value: true, text: yes, primary: true },
      { value: false, text: no },
    ];
    return promptIn(this.#shown().prompt, question, options, details);
  }

  ask(call: ToolCall, parameters: Parameter[], answer: (values: Arguments) => void): string {
    this.#form = missingForm(parameters, answer);
    const what = listOf(parameters.map(({ name, schema }) => questionOf(name, schema).toLowerCase()));
    const said = this.#shown().ask(call, what, this.#form.form);
    this.progress();
    return said;
  }

  focusForm(): void {
    this.#form?.focus();
  }

  /** A value of the form doesn't fit. */
  refuse(error: unknown): void {
    this.#form?.refuse(explain(error).text);
  }

  /** The form was answered: the step goes on. */
  answered(): void {
    this.#form = undefined;
    this.#step?.resume();
  }

  /** Another question came in between. */
  closeForm(): void {
    this.#form?.form.remove();
    this.#form = undefined;
  }

  /** A sentence at the end of the card. */
  note(text: string, ...more: Node[]): string {
    this.#end.append(make("p", { className: "sentence" }, text), ...more);
    return text;
  }

  /** What else can be done with the question. */
  offer(element: HTMLElement): void {
    this.#end.append(element);
  }

  fail(explained: Explained): void {
    this.#end.append(showProblem(explained));
  }

  /** What can be done with the answer. */
  share(element: HTMLElement): void {
    this.#share.replaceChildren(element);
  }

  timings({ toolMs, callMs, totalMs }: Timings): void {
    const parts = [
      toolMs !== undefined && `tool after ${milliseconds(toolMs)}`,
      callMs !== undefined && `call after ${milliseconds(callMs)}`,
      totalMs !== undefined && `${milliseconds(totalMs)} in all`,
    ];
    this.#timings.textContent = parts.filter(Boolean).join(" · ");
  }

  /** Where the time went, and before that the time of loading, if the engine tells. */
  timeline(entries: readonly Traced[], tools: readonly Tool[], report: DeviceReport | undefined): void {
    if (entries.length === 0) return;
    const summary = make("summary", {}, "Where the time went");
    const run = showTimeline(entries, tools, "From the question on");
    const loading = report && showStartup(report.startup, "Before, once: the model was loaded");
    this.element.append(make("details", { className: "technical" }, summary, run, loading));
  }

  /** Of the first call; later ones were written after results, which the model would have to be told again. */
  withoutGrammar(write: WriteFreely): void {
    this.#first?.withoutGrammar(write);
  }

  /** A later step that came to nothing, such as a call made before, is not shown. */
  finish(): void {
    if (this.#step && !this.#step.over && this.#steps.children.length > 1) this.#step.element.remove();
  }

  /** Nothing moves any more. */
  stop(): void {
    this.progress();
    if (!this.#form) this.#step?.stop();
  }
}

/** Nobody meant what is less likely. */
const WORTH_ASKING = 0.01;
const MAX_HEADING = 500;

function headingOf(question: string): string {
  const start = question.slice(0, MAX_HEADING);
  return start.length < question.length ? `${start}…` : question || "(nothing)";
}
