/** `<toolgen-ask>`: a box for questions, with their answers, and what a person is asked on the way. */
import { messageOf, ToolgenError } from "../core/errors.js";
import type { Arguments, Progress, Tool, ToolCall } from "../core/types.js";
import type { RunEvent, RunOptions } from "../run.js";
import { abortable } from "../util/signals.js";
import { Base, define, make, shadowOf, upgrade } from "./dom.js";
import { approval, choice, missingForm } from "./prompts.js";
import { ASK_STYLES, THEME } from "./styles.js";
import { Turn } from "./turn.js";
import { titled } from "./words.js";

/** A `Conversation`, or what stands in for one. */
export interface Conversing {
  /** What the last run asked for: the very call of its event. */
  readonly asked?: { call: ToolCall };
  run(query: string, options?: RunOptions): AsyncIterable<RunEvent>;
  answer(values: Arguments, options?: RunOptions): AsyncIterable<RunEvent>;
}

/** A `Toolgen`: the element begins a conversation of its own with it. */
export interface Converses {
  readonly tools: readonly Tool[];
  conversation(): Promise<Conversing>;
}

export type Assistant = Conversing | Converses;

/** A run's options but for those that the element gives itself. */
export type AskOptions = Omit<RunOptions, "approve" | "choose" | "signal" | "before">;

/**
 * Attributes: `label`, `placeholder`. Events, which bubble: `toolgen-start` with `detail: { question }`, `toolgen-event` with
 * a `RunEvent`. Parts: `turns`, `turn`, `question`, `answer`, `prompt`, `details`, `form`, `input`, `button`, `primary`.
 */
export class ToolgenAsk extends Base {
  static readonly observedAttributes = ["label", "placeholder"];

  /** Of each run: headers, functions, limits. */
  options: AskOptions = {};
  readonly #label = make("label", { htmlFor: "question" });
  readonly #input = make("input", { id: "question", part: "input", autocomplete: "off", enterKeyHint: "send" });
  readonly #button = make("button", { type: "submit", part: "button primary" }, "Ask");
  readonly #turns = make("ol", { part: "turns", role: "log", "aria-label": "Answers" });
  readonly #loading = make("progress", { max: 1, hidden: true, "aria-label": "Loading the model" });
  #assistant?: Promise<{ chat: Conversing; tools: () => readonly Tool[] }>;
  #running?: AbortController;
  /** What the last question still needs. */
  #missing?: HTMLFormElement;

  constructor() {
    super();
    const row = make("p", { className: "row" }, this.#input, this.#button);
    const form = make("form", { part: "form" }, this.#label, row, this.#loading);
    shadowOf(this, THEME, ASK_STYLES).append(this.#turns, form);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const question = this.#input.value.trim();
      if (question === "") return this.#input.focus();
      this.#input.value = "";
      void this.ask(question);
    });
    // While something goes on, this is no button that submits. The second click of two is meant for what it was before.
    this.#button.addEventListener("click", ({ detail }) => detail < 2 && this.#button.type === "button" && this.stop());
    // Escape in an input method takes its word back.
    this.addEventListener("keydown", ({ key, isComposing }) => key === "Escape" && !isComposing && this.stop());
    this.attributeChangedCallback();
  }

  connectedCallback(): void {
    upgrade(this, "toolgen", "progress", "options");
  }

  disconnectedCallback(): void {
    // One that is moved is in the document again by then.
    queueMicrotask(() => this.isConnected || this.stop());
  }

  attributeChangedCallback(): void {
    this.#label.textContent = this.getAttribute("label") ?? "Your question";
    this.#input.placeholder = this.getAttribute("placeholder") ?? "";
  }

  /** A `Toolgen` or a `Conversation`, or the promise of one: questions wait for it. */
  set toolgen(given: Assistant | Promise<Assistant> | undefined) {
    this.stop();
    this.#missing?.remove();
    const assistant = (this.#assistant = given && begin(given));
    const come = () => {
      if (this.#assistant === assistant) this.#loading.hidden = true;
    };
    // Who asks is told why it failed.
    if (assistant) assistant.then(come, come);
    else come();
  }

  /** What `load()` reports while the model comes: `load({ onProgress: (progress) => (ask.progress = progress) })`. */
  set progress({ loaded, total }: Progress) {
    this.#loading.hidden = false;
    if (total) this.#loading.value = loaded / total;
    else this.#loading.removeAttribute("value");
  }

  /** Asks a question as if it had been typed; ends when it is answered. */
  ask(question: string): Promise<void> {
    this.dispatchEvent(new CustomEvent("toolgen-start", { detail: { question }, bubbles: true, composed: true }));
    // Its values would be taken for what this question asks for.
    this.#missing?.remove();
    const turn = new Turn(question);
    this.#turns.append(turn.element);
    turn.element.scrollIntoView({ block: "nearest" });
    return this.#follow(turn, (chat, options) => chat.run(question, options)).catch((error) =>
      turn.fail(messageOf(error)),
    );
  }

  /** Ends what is going on. */
  stop(): void {
    this.#running?.abort();
  }

  async #follow(turn: Turn, start: (chat: Conversing, options: RunOptions) => AsyncIterable<RunEvent>): Promise<void> {
    this.stop();
    const running = new AbortController();
    const { signal } = running;
    this.#goesOn(running);
    turn.busy(this.#loading.hidden ? "Reading…" : "Waiting for the model…");
    try {
      if (!this.#assistant) throw new ToolgenError("no_pack", "There is no model yet: set the property toolgen.");
      const { chat, tools } = await abortable(signal, () => this.#assistant!);
      const titleOf = (name: string) => tools().find((tool) => tool.name === name)?.annotations?.title ?? titled(name);
      const options: RunOptions = {
        ...this.options,
        signal,
        approve: (call, tool, reason) => approval(turn.show, call, tool, reason, signal),
        choose: (candidates) => choice(turn.show, candidates, titleOf, signal),
      };
      for await (const event of start(chat, options)) {
        signal.throwIfAborted();
        this.dispatchEvent(new CustomEvent("toolgen-event", { detail: event, bubbles: true, composed: true }));
        turn.take(event);
        if (event.type === "ask") this.#askFor(turn, event);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
      turn.say("Stopped.");
    } finally {
      turn.busy();
      if (this.#running === running) this.#goesOn(undefined);
    }
  }

  #goesOn(running: AbortController | undefined): void {
    this.#running = running;
    this.#button.textContent = running ? "Stop" : "Ask";
    this.#button.type = running ? "button" : "submit";
  }

  #askFor(turn: Turn, { call, parameters }: Extract<RunEvent, { type: "ask" }>): void {
    const form = missingForm(parameters, async (values) => {
      const answering = this.#follow(turn, (chat, options) => {
        // Somebody else has a part in the conversation.
        if (chat.asked && chat.asked.call !== call)
          throw new ToolgenError("bad_argument", "Another question has been asked since. Ask this one again.");
        return answered(chat.answer(values, options));
      });
      await answering.catch((error) => {
        // What doesn't fit is mended in the form, while there is one.
        if (form.isConnected) throw error;
        turn.fail(messageOf(error));
      });
    });
    this.#missing = form;
    turn.show(form);
    form.querySelector<HTMLElement>("input, select")?.focus();

    /** Once a call is made of the values, the form has done its work. */
    async function* answered(events: AsyncIterable<RunEvent>): AsyncIterable<RunEvent> {
      for await (const event of events) {
        form.remove();
        yield event;
      }
    }
  }
}

async function begin(given: Assistant | Promise<Assistant>) {
  const assistant = await given;
  return "conversation" in assistant
    ? { chat: await assistant.conversation(), tools: () => assistant.tools }
    : { chat: assistant, tools: () => [] };
}

define("toolgen-ask", ToolgenAsk);

declare global {
  interface HTMLElementTagNameMap {
    "toolgen-ask": ToolgenAsk;
  }
}
