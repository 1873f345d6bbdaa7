/** `<toolgen-ask>`: a box for questions, with their answers, and what a person is asked on the way. */
import { messageOf, ToolgenError } from "../core/errors.js";
import type { Arguments, Progress, Tool } from "../core/types.js";
import type { RunEvent, RunOptions } from "../run.js";
import { Base, define, make, shadowOf, upgrade } from "./dom.js";
import { approval, choice, missingForm } from "./prompts.js";
import { ASK_STYLES, THEME } from "./styles.js";
import { Turn } from "./turn.js";
import { titled } from "./words.js";

/** A `Conversation`, or what stands in for one. */
export interface Conversing {
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
  #assistant?: Promise<{ chat: Conversing; tools: readonly Tool[] }>;
  #running?: AbortController;

  constructor() {
    super();
    const row = make("p", { className: "row" }, this.#input, this.#button);
    const form = make("form", { part: "form" }, this.#label, row, this.#loading);
    shadowOf(this, THEME, ASK_STYLES).append(this.#turns, form);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#running) return this.stop();
      const question = this.#input.value.trim();
      if (question === "") return this.#input.focus();
      this.#input.value = "";
      void this.ask(question);
    });
    this.addEventListener("keydown", ({ key }) => key === "Escape" && this.stop());
    this.attributeChangedCallback();
  }

  connectedCallback(): void {
    upgrade(this, "toolgen", "progress", "options");
  }

  disconnectedCallback(): void {
    this.stop();
  }

  attributeChangedCallback(): void {
    this.#label.textContent = this.getAttribute("label") ?? "Your question";
    this.#input.placeholder = this.getAttribute("placeholder") ?? "";
  }

  /** A `Toolgen` or a `Conversation`, or the promise of one: questions wait for it. */
  set toolgen(given: Assistant | Promise<Assistant> | undefined) {
    this.stop();
    this.#assistant = given && begin(given);
    // Who asks is told why it failed.
    this.#assistant?.catch(() => {}).finally(() => (this.#loading.hidden = true));
  }

  /** What `load()` reports while the model comes: `load({ onProgress: (progress) => (ask.progress = progress) })`. */
  set progress({ loaded, total }: Progress) {
    this.#loading.hidden = false;
    if (total === undefined) this.#loading.removeAttribute("value");
    else this.#loading.value = loaded / total;
  }

  /** Asks a question as if it had been typed; ends when it is answered. */
  ask(question: string): Promise<void> {
    this.dispatchEvent(new CustomEvent("toolgen-start", { detail: { question }, bubbles: true, composed: true }));
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
    this.#running = running;
    this.#button.textContent = "Stop";
    turn.busy(this.#loading.hidden ? "Reading…" : "Waiting for the model…");
    try {
      if (!this.#assistant) throw new ToolgenError("no_pack", "There is no model yet: set the property toolgen.");
      const { chat, tools } = await this.#assistant;
      signal.throwIfAborted();
      const titleOf = (name: string) => tools.find((tool) => tool.name === name)?.annotations?.title ?? titled(name);
      const options: RunOptions = {
        ...this.options,
        signal,
        approve: (call, tool, reason) => approval(turn.show, call, tool, reason, signal),
        choose: (candidates) => choice(turn.show, candidates, titleOf, signal),
      };
      for await (const event of start(chat, options)) {
        this.dispatchEvent(new CustomEvent("toolgen-event", { detail: event, bubbles: true, composed: true }));
        turn.take(event);
        if (event.type === "ask") this.#askFor(turn, event);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
      turn.say("Stopped.");
    } finally {
      turn.busy();
      if (this.#running === running) {
        this.#running = undefined;
        this.#button.textContent = "Ask";
      }
    }
  }

  #askFor(turn: Turn, { parameters }: Extract<RunEvent, { type: "ask" }>): void {
    const form = missingForm(parameters, async (values) => {
      const answering = this.#follow(turn, (chat, options) => answered(chat.answer(values, options)));
      await answering.catch((error) => {
        // What doesn't fit is mended in the form, while there is one.
        if (form.isConnected) throw error;
        turn.fail(messageOf(error));
      });
    });
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
    ? { chat: await assistant.conversation(), tools: assistant.tools }
    : { chat: assistant, tools: [] };
}

define("toolgen-ask", ToolgenAsk);

declare global {
  interface HTMLElementTagNameMap {
    "toolgen-ask": ToolgenAsk;
  }
}
