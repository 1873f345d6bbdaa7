/** The questions of a visit: one is answered at a time, and each answer stays on the page. */
import type { Arguments, Conversation, RunEvent, RunOptions, Toolgen } from "toolgen";
import { trace, type Traced } from "toolgen/trace";
import { Turn } from "./answer/turn.ts";
import { MOST_TOKENS, type WriteFreely } from "./inside/without-grammar.ts";
import { byId } from "./dom.ts";
import { addressOf, howItCame, linkTo } from "./link.ts";
import { orStored } from "./offline/send.ts";
import { storedReply } from "./offline/stored-replies.ts";
import type { OwnTools } from "./own/tools.ts";
import { approveBy, askBeforeSending, type AskPerson } from "./permission.ts";
import type { Place } from "./place.ts";
import { newResult, publish, type Result } from "./result.ts";
import { described, show, type Shown } from "./show.ts";
import { sharing } from "./share/sharing.ts";
import { setState } from "./state.ts";
import { explain } from "./words/errors.ts";
import { replyTo } from "./words/small-talk.ts";

const MAX_STEPS = 4;
/** An engine that can says of each token what else could have stood there. */
const EXPLAINED = { explain: true };
/** All that a run reads of what earlier calls gave. */
const OBSERVED = '{"result": "done"}';
const LATER = "Asked as soon as the model is ready.";

interface Question {
  turn: Turn;
  place: Place;
  byLink: boolean;
  /** What is to be settled before, such as tools that came with a link. */
  before?: (ask: AskPerson) => Promise<void>;
  /** When it was last put to the model. */
  now?: Date;
  /** All that happened. */
  entries: Traced[];
}

type Answered = (result: Result, place: Place, turn: Turn) => void;

interface Options {
  /** A link asked it, and not the person. */
  byLink?: boolean;
  before?: Question["before"];
  /** It stands by itself, as an example does: earlier questions would only distract. */
  alone?: boolean;
}

export class Session {
  /** Where the next question goes. */
  place: Place;
  readonly #turns: Turn[] = [];
  readonly #examples: () => Node;
  readonly #answered: Answered;
  readonly #own: OwnTools;
  #toolgen?: Toolgen;
  /** One in each place: what was said in another would only distract. */
  readonly #conversations = new Map<Place, Conversation>();
  #abort?: AbortController;
  /** The turn that goes on, or the last one. */
  #turn?: Turn;
  /** What was run last. */
  #asked?: Question;
  /** What was asked before the model was ready. */
  #waiting?: Question;

  constructor(place: Place, own: OwnTools, examples: () => Node, answered: Answered) {
    this.place = place;
    this.#own = own;
    this.#examples = examples;
    this.#answered = answered;
  }

  /** From now on questions are answered; one may wait already. */
  async begin(toolgen: Toolgen): Promise<void> {
    this.#toolgen = toolgen;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) await this.#run(waiting);
  }

  async ask(text: string, { byLink = false, before, alone }: Options = {}): Promise<void> {
    // A second Enter or click of two is no other question.
    const goesOn = this.#abort && this.#asked;
    if (goesOn && !goesOn.byLink && goesOn.place === this.place && goesOn.turn.question === text) return;
    if (text.trim() === "" && (goesOn || !this.#toolgen)) return;
    this.#interrupt("Stopped.");
    if (alone) this.#conversations.get(this.place)?.forget();
    const turn = this.#add(text);
    const state = { turn: turn.id };
    if (byLink) history.replaceState(state, "");
    else history.pushState(state, "", addressOf(text, this.place));
    const reply = replyTo(text, this.place.name);
    if (reply) {
      turn.stop();
      turn.note(reply.text, ...(reply.examples ? [this.#examples()] : []));
      publish({ ...newResult(text), said: [reply.text] });
      return setState(this.#toolgen ? "done" : "loading", reply.text);
    }
    const question: Question = { turn, place: this.place, byLink, before, entries: [] };
    if (this.#toolgen) return this.#run(question);
    this.#waiting = question;
    turn.progress(LATER);
    byId("status").textContent = LATER;
  }

  cancel(): void {
    if (!this.#abort) return;
    this.#interrupt("Cancelled.");
    setState("ready", "Cancelled.");
  }

  /** Back to a question of this visit; false if it isn't on the page. */
  show(id: number, question: string | undefined): boolean {
    // An earlier visit numbered its own.
    const turn = this.#turns.find((turn) => turn.id === id && turn.question === question);
    turn?.element.scrollIntoView();
    turn?.heading.focus({ preventScroll: true });
    return turn !== undefined;
  }

  /** All is forgotten, by the model as well. */
  forget(): void {
    this.#interrupt();
    for (const conversation of this.#conversations.values()) conversation.forget();
    for (const { element } of this.#turns.splice(0)) element.remove();
    byId("forget").hidden = true;
    if (this.#toolgen) setState("ready", "A new conversation.");
  }

  #add(text: string): Turn {
    const find = (name: string) => this.#toolgen?.tools.find((tool) => tool.name === name);
    const turn = new Turn((this.#turns.at(-1)?.id ?? 0) + 1, text, find, linkTo(text, this.place));
    this.#turns.push(turn);
    this.#turn = turn;
    byId("turns").prepend(turn.element);
    byId("forget").hidden = false;
    bringIntoView(turn, this.place);
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

  #run(question: Question): Promise<void> {
    this.#asked = question;
    const { turn, place, before } = question;
    const conversationIn = (place: Place) => this.#conversationIn(place);
    async function* events(options: RunOptions, ask: AskPerson): AsyncIterable<RunEvent> {
      await before?.(ask);
      await place.prepare((text) => turn.progress(text));
      yield* (await conversationIn(place)).run(turn.question, { ...options, tools: place.tools() });
    }
    return this.#follow(question, newResult(turn.question), events);
  }

  /** A form's values for what the last question lacked. */
  #answer(question: Question, values: Arguments): void {
    const { turn, place } = question;
    const events = (options: RunOptions) => this.#conversations.get(place)!.answer(values, options);
    void this.#follow(question, newResult(turn.question), events, true);
  }

  async #conversationIn(place: Place): Promise<Conversation> {
    const conversation = this.#conversations.get(place) ?? (await this.#toolgen!.conversation());
    this.#conversations.set(place, conversation);
    return conversation;
  }

  async #follow(
    question: Question,
    result: Result,
    start: (options: RunOptions, ask: AskPerson) => AsyncIterable<RunEvent>,
    fromForm = false,
  ): Promise<void> {
    const { turn, place } = question;
    const abort = (this.#abort = new AbortController());
    const started = performance.now();
    const elapsed = () => Math.round(performance.now() - started);
    const isCurrent = () => this.#abort === abort;
    const shown: Shown = { result, elapsed, answer: (values) => this.#answer(question, values) };
    const from = question.entries.length; // after what the form was for
    let begun = false;
    question.now = new Date();
    if (!fromForm) turn.progress("Reading the question…");
    setState("busy", "Thinking…");
    try {
      const ask = this.#asker(turn, abort);
      const events = start(this.#options(question, abort, ask, result), ask);
      for await (const event of trace(events, question.entries)) {
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
    const [memory, report] = await Promise.allSettled([this.#toolgen!.memory(), this.#toolgen!.device()]);
    if (memory.status === "fulfilled") result.memoryBytes = memory.value.wasmBytes;
    if (!isCurrent()) return;
    this.#abort = undefined;
    turn.stop();
    turn.timings(result.timings);
    const told = report.status === "fulfilled" ? report.value : undefined;
    if (!fromForm) turn.withoutGrammar(this.#writer(question));
    turn.timeline(question.entries.slice(from), this.#toolgen!.tools, told);
    const find = (name: string) => this.#toolgen!.tools.find((tool) => tool.name === name);
    turn.share(
      sharing({ ...question, question: turn.question, place: place.name, find }, addressOf(turn.question, place)),
    );
    publish(result);
    this.#answered(result, place, turn);
    setState(result.error ? "error" : "done", result.said.join(" "));
    if (result.missing) turn.focusForm();
  }

  /** Writes arguments for a question that was just answered, from what that was understood from. */
  #writer({ turn, place, now }: Question): WriteFreely {
    const turns = this.#conversations.get(place)?.before;
    const before = turns?.map((past) => (past.observation ? { ...past, observation: OBSERVED } : past));
    const options = { now, before, maxTokens: MOST_TOKENS };
    return (tool, signal) => this.#toolgen!.completeArguments(turn.question, tool, { ...options, signal });
  }

  /** Puts a question to the person, in the card. */
  #asker(turn: Turn, { signal }: AbortController): AskPerson {
    return (question, ...more) => this.#asking(signal, turn, question, turn.approve(question, ...more));
  }

  async #asking<T>(signal: AbortSignal, turn: Turn, question: string, answer: Promise<T>): Promise<T> {
    setState("waiting", question);
    const given = await answer;
    turn.heading.focus({ preventScroll: true }); // the button that had the focus is gone
    if (!signal.aborted) setState("busy", "Thinking…");
    return given;
  }

  #options(
    { turn, place, byLink, now }: Question,
    { signal }: AbortController,
    ask: AskPerson,
    result: Result,
  ): RunOptions {
    const own = this.#own;
    const approve = approveBy(ask, place.undoable);
    const agreed = new Set<string>();
    const asked = askBeforeSending(ask, {
      reason: (host) => own.reasonToAsk(host) ?? (byLink && !agreed.has(host) ? howItCame() : undefined),
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
      ...EXPLAINED,
      now,
      signal,
      maxSteps: MAX_STEPS,
      choose: (candidates) => this.#asking(signal, turn, "Did you mean one of these?", turn.choose(candidates)),
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
function bringIntoView({ heading }: Turn, { name }: Place): void {
  const isTouch = matchMedia("(pointer: coarse)").matches;
  if (isTouch || document.activeElement !== byId("question")) heading.focus({ preventScroll: true });
  if (name === "room")
    byId("room").scrollIntoView(); // where it happens
  else if (isTouch) byId("form").scrollIntoView();
  else window.scrollTo({ top: 0 }); // an example may have been clicked far below
}
