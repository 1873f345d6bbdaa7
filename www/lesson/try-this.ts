/** The task at the end of a chapter: its fields, and what the model says of what stands in them. */
import type { Toolgen } from "toolgen";
import { make } from "../dom.ts";
import { explain } from "../words/errors.ts";
import type { Context, Verdict } from "./chapter.ts";
import type { LessonModel } from "./model.ts";
import { fill, phrase } from "./phrase.ts";
import type { ChapterId } from "./text/en.ts";

type Check = (model: Toolgen, values: string[], signal: AbortSignal) => Promise<Verdict>;

export class TryThis {
  readonly element: HTMLElement;
  readonly #status = make("p", { className: "quiet task-status", role: "status" });
  readonly #outcome = make("div", { className: "outcome", role: "status" });
  readonly #button: HTMLButtonElement;
  readonly #fields: HTMLInputElement[];
  readonly #words: Context["words"]["tryThis"];
  readonly #model: LessonModel;
  readonly #check: Check;
  #abort?: AbortController;

  constructor(id: ChapterId, { words, facts, model }: Context, check: Check) {
    this.#words = words.tryThis;
    this.#model = model;
    this.#check = check;
    const { task, fields, examples } = words.chapters[id];
    this.#fields = fields.map((_, i) => make("input", { id: `${id}-field-${i}`, value: examples[i] ?? "" }));
    this.#button = make("button", { type: "submit", className: "primary" }, words.tryThis.check);
    const labelled = this.#fields.map((field, i) =>
      make("div", {}, make("label", { htmlFor: field.id }, fields[i]), field),
    );
    const form = make("form", { autocomplete: "off" }, ...labelled, this.#button);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#run();
    });
    this.element = make(
      "section",
      { className: "task card" },
      make("h3", {}, words.tryThis.title),
      make("p", {}, ...phrase(fill(task, facts))),
      form,
      this.#status,
      this.#outcome,
    );
  }

  /** The task is looked at: the model may come. */
  begin(): void {
    void this.#ready().catch(() => {});
  }

  /** The chapter is left. */
  stop(): void {
    this.#abort?.abort();
  }

  async #ready(): Promise<Toolgen> {
    try {
      const model = await this.#model.get((progress) => {
        this.#status.textContent = fill(this.#words.loading, { progress });
      });
      this.#status.textContent = this.#words.loaded;
      return model;
    } catch (error) {
      const { text } = explain(error, { online: navigator.onLine });
      this.#status.textContent = fill(this.#words.broken, { problem: text });
      throw error;
    }
  }

  async #run(): Promise<void> {
    const values = this.#fields.map((field) => field.value.trim());
    const empty = this.#fields[values.indexOf("")];
    if (empty) {
      this.#outcome.replaceChildren(make("p", { className: "problem" }, this.#words.empty));
      return empty.focus();
    }
    this.#abort?.abort();
    const { signal } = (this.#abort = new AbortController());
    const model = await this.#ready().catch(() => undefined);
    if (!model || signal.aborted) return;
    this.#status.textContent = this.#words.working;
    this.#outcome.replaceChildren();
    try {
      const verdict = await this.#check(model, values, signal);
      if (!signal.aborted) this.#say(verdict);
    } catch (error) {
      if (signal.aborted) return;
      const { text, message } = explain(error, { online: navigator.onLine });
      const problem = fill(this.#words.refused, { problem: text === message ? text : `${text} (${message})` });
      this.#outcome.replaceChildren(make("p", { className: "problem" }, problem));
    } finally {
      if (!signal.aborted) this.#status.textContent = "";
    }
  }

  #say({ passed, text, details = [] }: Verdict): void {
    const { passed: solved, failed } = this.#words;
    const mark = make("strong", {}, passed ? `✓ ${solved} ` : `✗ ${failed} `);
    const sentence = make("p", { className: passed ? "sentence passed" : "sentence" }, mark, ...phrase(text));
    this.#outcome.replaceChildren(sentence, ...details);
    this.#button.textContent = this.#words.again;
    this.#outcome.scrollIntoView({ block: "nearest" });
  }
}
