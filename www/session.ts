/** The questions of a visit: one is answered at a time, and each answer stays on the page. */
import type { Arguments, Conversation, RunEvent, RunOptions, Toolgen } from "toolgen";
import { Turn } from "./answer/turn.ts";
import { byId } from "./dom.ts";
import { addressOf, linkTo } from "./link.ts";
import { orStored } from "./offline/send.ts";
import { storedReply } from "./offline/stored-replies.ts";
import type { OwnTools } from "./own/tools.ts";
import { approveBy, askBeforeSending, type AskPerson } from "./permission.ts";
import { newResult, publish, type Result } from "./result.ts";
import { described, show, type Shown } from "./show.ts";
import { setState } from "./state.ts";
import { explain } from "./words/errors.ts";
import { replyTo } from "./words/small-talk.ts";

const MAX_STEPS = 4;
const LATER = "Asked as soon as the model is ready.";

interface Question {
  turn: Turn;
  byLink: boolean;
}

interface Options {
  /** A link asked it, and not the person. */
  byLink?: boolean;
}

export class Session {
  readonly #turns: Turn[] = [];
  readonly #examples: () => Node;
  readonly #own: OwnTools;
  #toolgen?: Toolgen;
  #conversation?: Conversation;
  #abort?: AbortController;
  /** The turn that goes on, or the last one. */
  #turn?: Turn;
  /** What was asked before the model was ready. */
  #waiting?: Question;

  constructor(examples: () => Node, own: OwnTools) {
    this.#examples = examples;
    this.#own = own;
  }

  /** From now on questions are answered; one may wait already. */
  async begin(toolgen: Toolgen): Promise<void> {
    this.#toolgen = toolgen;
    this.#conversation = await toolgen.conversation();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) await this.#run(waiting);
  }

  async ask(text: string, { byLink = false }: Options = {}): Promise<void> {
    if (!this.#toolgen && text.trim() === "") return;
    this.#interrupt("Stopped.");
    const turn = this.#add(text);
    const state = { turn: turn.id };
    if (byLink) history.replaceState(state, "");
    else history.pushState(state, "", addressOf(text));
    const reply = replyTo(text);
    if (reply) {
      turn.stop();
      turn.note(reply.text, ...(reply.examples ? [this.#examples()] : []));
      publish({ ...newResult(text), said: [reply.text] });
      return setState(this.#toolgen ? "done" : "loading", reply.text);
    }
    if (this.#conversation) return this.#run({ turn, byLink });
    this.#waiting = { turn, byLink };
    turn.progress(LATER);
    byId("status").textContent = LATER;
  }

  cancel(): void {
    if (!this.#abort) return;
    this.#interrupt("Cancelled.");
    setState("ready", "Cancelled.");
  }

  /** Back to a question of this visit; false if it isn't on the page. */
  show(id: number, question: string | null): boolean {
    // An earlier visit numbered its own.
    const turn = this.#turns.find((turn) => turn.id === id && turn.question === question);
    turn?.element.scrollIntoView();
    turn?.heading.focus({ preventScroll: true });
    return turn !== undefined;
  }

  /** All is forgotten, by the model as well. */
  forget(): void {
    this.#interrupt();
    this.#conversation?.forget();
    for (const { element } of this.#turns.splice(0)) element.remove();
    byId("forget").hidden = true;
    if (this.#toolgen) setState("ready", "A new conversation.");
  }

  #add(text: string): Turn {
    const find = (name: string) => this.#toolgen?.tools.find((tool) => tool.name === name);
    const turn = new Turn((this.#turns.at(-1)?.id ?? 0) + 1, text, find, linkTo(text));
    this.#turns.push(turn);
    this.#turn = turn;
    byId("turns").prepend(turn.element);
    byId("forget").hidden = false;
    bringIntoView(turn);
    return turn;
  }

  /** Ends what goes on, and what waits for the model or for values. */
  #interrupt(note?: string): void {
    const goesOn = this.#abort !== undefined;
    this.#abort?.abort();
    this.#abort = undefined;
    this.#turn?.closeForm();
    if (goesOn && this.#turn) {
      this.#turn.stop();
      if (note !== undefined) this.#turn.note(note);
    }
    const waiting = this.#waiting?.turn;
    this.#waiting = undefined;
    if (!waiting) return;
    waiting.element.remove();
    this.#turns.splice(this.#turns.indexOf(waiting), 1);
  }

  #run({ turn, byLink }: Question): Promise<void> {
    const events = (options: RunOptions) => this.#conversation!.run(turn.question, options);
    return this.#follow(turn, byLink, newResult(turn.question), events);
  }

  /** A form's values for what the last question lacked. */
  #answer(turn: Turn, byLink: boolean, values: Arguments): void {
    const result = newResult(turn.question);
    const events = (options: RunOptions) => this.#conversation!.answer(values, options);
    void this.#follow(turn, byLink, result, events, true);
  }

  async #follow(
    turn: Turn,
    byLink: boolean,
    result: Result,
    start: (options: RunOptions) => AsyncIterable<RunEvent>,
    fromForm = false,
  ): Promise<void> {
    const abort = (this.#abort = new AbortController());
    const started = performance.now();
    const elapsed = () => Math.round(performance.now() - started);
    const isCurrent = () => this.#abort === abort;
    const shown: Shown = { result, elapsed, answer: (values) => this.#answer(turn, byLink, values) };
    let begun = false;
    if (!fromForm) turn.progress("Reading the question…");
    setState("busy", "Thinking…");
    try {
      for await (const event of start(this.#options(turn, byLink, abort, result))) {
        if (!isCurrent()) return; // a newer question has the page
        if (fromForm && !begun) {
          turn.heading.focus({ preventScroll: true }); // the form goes
          turn.answered();
        }
        begun = true;
        show(event, turn, shown);
        const standIn = event.type === "call" ? this.#own.standIn(event.call.name) : undefined;
        if (standIn) turn.standIn(standIn);
      }
    } catch (error) {
      if (!isCurrent()) return;
      result.error = described(error);
      if (fromForm && !begun) {
        this.#abort = undefined;
        turn.refuse(error);
        return setState("done", explain(error).text);
      }
      const explained = explain(error, { online: navigator.onLine });
      turn.fail(explained);
      result.said.push(explained.text);
    }
    result.timings.totalMs = elapsed();
    result.memoryBytes = await this.#toolgen!.memory().then(
      ({ wasmBytes }) => wasmBytes,
      () => undefined,
    );
    if (!isCurrent()) return;
    this.#abort = undefined;
    turn.stop();
    turn.timings(result.timings);
    publish(result);
    setState(result.error ? "error" : "done", result.said.join(" "));
    if (result.missing) turn.focusForm();
  }

  #options(turn: Turn, byLink: boolean, { signal }: AbortController, result: Result): RunOptions {
    const own = this.#own;
    const asking = async <T>(question: string, answer: Promise<T>): Promise<T> => {
      setState("waiting", question);
      const given = await answer;
      turn.heading.focus({ preventScroll: true }); // the button that had the focus is gone
      if (!signal.aborted) setState("busy", "Thinking…");
      return given;
    };
    const ask: AskPerson = (question, ...more) => asking(question, turn.approve(question, ...more));
    const approve = approveBy(ask);
    const agreed = new Set<string>();
    const asked = askBeforeSending(ask, {
      reason: (host) =>
        own.reasonToAsk(host) ?? (byLink && !agreed.has(host) ? "This question came with a link." : undefined),
      allowed(host) {
        agreed.add(host);
        own.allow(host);
      },
      declined: () => {
        this.#interrupt("Nothing was sent.");
        setState("ready", "Nothing was sent.");
      },
    });
    const mayAsk = byLink || own.sources.some(({ hosts }) => hosts.length > 0);
    return {
      signal,
      maxSteps: MAX_STEPS,
      tools: own.chosen,
      choose: (candidates) => asking("Did you mean one of these?", turn.choose(candidates)),
      approve: (call, tool, reason) => own.standIn(call.name) === "call" || approve(call, tool, reason),
      ...(mayAsk && { timeoutMs: asked.timeoutMs }),
      fetch: orStored(asked.fetch, {
        call: () => result.call,
        repliesTo: (call) => ({ instead: own.reply(call.name), offline: storedReply(call) }),
        isOffline: () => turn.standIn("offline"),
      }),
    };
  }
}

/** A phone's keyboard goes away, and the field stays in sight above the answer; who types on goes on typing. */
function bringIntoView({ heading }: Turn): void {
  const isTouch = matchMedia("(pointer: coarse)").matches;
  if (isTouch || document.activeElement !== byId("question")) heading.focus({ preventScroll: true });
  if (isTouch) byId("form").scrollIntoView();
  else window.scrollTo({ top: 0 }); // an example may have been clicked far below
}
