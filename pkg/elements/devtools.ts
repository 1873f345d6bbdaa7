/** `<toolgen-inspector>`: what runs did and when, for an app's developer. */
import type { DeviceReport, Memory } from "../core/types.js";
import type { RunEvent } from "../run.js";
import { trace, writeTrace, type Traced } from "../trace.js";
import { Base, define, make, shadowOf, upgrade } from "./dom.js";
import { INSPECTOR_STYLES } from "./inspector-styles.js";
import { THEME } from "./styles.js";
import { Timeline } from "./timeline.js";
import { shortened } from "./words.js";

/** A `Toolgen`: where it computes and what memory it holds are shown. */
export interface Measured {
  device(): Promise<DeviceReport>;
  memory(): Promise<Memory>;
}

interface Run {
  question: string;
  entries: Traced[];
  /** As `performance.now()` counts. */
  began: number;
}

/** Older ones are let go. */
const MOST_RUNS = 50;

/** Parts: `toolbar`, `timeline`, `ranking`, `tokens`, `alternatives`, `device`, `button`. */
export class ToolgenInspector extends Base {
  readonly #runs: Run[] = [];
  readonly #select = make(
    "select",
    { disabled: true, "aria-label": "Question" },
    make("option", {}, "No question yet"),
  );
  readonly #copy = make("button", { type: "button", part: "button", disabled: true }, "Copy as trace");
  readonly #said = make("p", { className: "quiet", role: "status" });
  readonly #body = make("div");
  readonly #device = make("p", { part: "device", className: "quiet" });
  #timeline = new Timeline();
  #toolgen?: Measured;

  constructor() {
    super();
    const toolbar = make("div", { part: "toolbar" }, this.#select, this.#copy);
    shadowOf(this, THEME, INSPECTOR_STYLES).append(toolbar, this.#said, this.#body, this.#device);
    this.#select.addEventListener("change", () => this.#show(Number(this.#select.value)));
    this.#copy.addEventListener("click", () => void this.#copyTrace());
  }

  connectedCallback(): void {
    upgrade(this, "toolgen");
  }

  /** The model whose device and memory are shown beneath. */
  set toolgen(given: Measured | undefined) {
    this.#toolgen = given;
    void this.#measure();
  }

  /** The run that is shown, as `writeTrace()` writes it. */
  get trace(): string {
    return writeTrace(this.#runs[Number(this.#select.value)]?.entries ?? []);
  }

  /** Passes a run's events on and shows them: `for await (const event of inspector.watch(question, toolgen.run(question)))`. */
  async *watch(question: string, events: AsyncIterable<RunEvent>): AsyncIterableIterator<RunEvent> {
    const run = this.#begin(question);
    for await (const event of trace(events, run.entries)) {
      this.#add(run);
      yield event;
    }
  }

  /** Shows what happens in a `<toolgen-ask>`, or in all that are in `target`; gives what ends that. */
  observe(target: EventTarget): () => void {
    const stop = new AbortController();
    const { signal } = stop;
    const runs = new WeakMap<EventTarget, Run>();
    // Several elements may be in the target, and ask at the same time.
    const sourceOf = (event: Event) => event.composedPath()[0]!;
    const start = (event: CustomEventInit<{ question: string }> & Event) =>
      runs.set(sourceOf(event), this.#begin(event.detail!.question));
    const add = (event: CustomEventInit<RunEvent> & Event) => {
      const run = runs.get(sourceOf(event));
      if (!run || !event.detail) return;
      run.entries.push({ atMs: Math.round(performance.now() - run.began), event: event.detail });
      this.#add(run);
    };
    target.addEventListener("toolgen-start", start, { signal });
    target.addEventListener("toolgen-event", add as EventListener, { signal });
    return () => stop.abort();
  }

  #begin(question: string): Run {
    const run: Run = { question, entries: [], began: performance.now() };
    this.#runs.unshift(run);
    this.#runs.length = Math.min(this.#runs.length, MOST_RUNS);
    this.#select.replaceChildren(
      ...this.#runs.map(({ question }, i) => make("option", { value: String(i) }, shortened(question))),
    );
    this.#select.disabled = this.#copy.disabled = false;
    this.#show(0);
    return run;
  }

  #add(run: Run): void {
    const entry = run.entries.at(-1)!;
    if (this.#runs[Number(this.#select.value)] === run) this.#timeline.add(entry);
    if (entry.event.type === "finish") void this.#measure();
  }

  #show(index: number): void {
    this.#timeline = new Timeline(this.#runs[index]!.entries);
    this.#said.textContent = "";
    this.#body.replaceChildren(this.#timeline.element);
  }

  async #copyTrace(): Promise<void> {
    const text = this.trace;
    try {
      await navigator.clipboard.writeText(text);
      this.#said.textContent = "Copied.";
    } catch {
      // Without https, or where it isn't allowed.
      const field = make("textarea", { readOnly: true, rows: 6, value: text, "aria-label": "Trace" });
      this.#said.replaceChildren(
        "This browser lets nothing be copied here. The trace is selected: press Ctrl or ⌘ and C.",
        field,
      );
      field.select();
    }
  }

  async #measure(): Promise<void> {
    const toolgen = this.#toolgen;
    if (!toolgen) return void (this.#device.textContent = "");
    try {
      const [{ kind, reason, threads }, { wasmBytes }] = await Promise.all([toolgen.device(), toolgen.memory()]);
      if (toolgen !== this.#toolgen) return;
      const where = kind === "webgpu" ? "the GPU" : threads.count > 1 ? `${threads.count} threads` : "one thread";
      const why = reason === undefined ? "" : ` (${reason.replace(/\.$/, "")})`;
      this.#device.textContent = `Computes on ${where}${why}. The module holds ${Math.round(wasmBytes / 1e6)} MB.`;
    } catch {
      this.#device.textContent = "The model is gone.";
    }
  }
}

define("toolgen-inspector", ToolgenInspector);

declare global {
  interface HTMLElementTagNameMap {
    "toolgen-inspector": ToolgenInspector;
  }
}
