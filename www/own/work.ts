/** One piece of work at a time: its progress, the time left, a button that ends it, and what went wrong. */
import { make } from "../dom.ts";
import { showProblem } from "../answer/problem.ts";
import { durationOf } from "../words/humanise.ts";
import { explainOwn } from "./problems.ts";
import type { Progress } from "./register.ts";

export class Work {
  readonly element: HTMLElement;
  readonly #bar = make("progress", { max: 1 });
  readonly #text = make("p", { className: "quiet" });
  readonly #cancel = make("button", { type: "button" }, "Cancel");
  readonly #going: HTMLElement;
  readonly #end = make("div", { className: "own-end", tabIndex: -1 });
  #abort?: AbortController;

  constructor() {
    this.#bar.ariaLabel = "Reading the tools";
    this.#cancel.addEventListener("click", () => this.#abort?.abort());
    this.#going = make("div", { className: "own-going", hidden: true }, this.#bar, this.#text, this.#cancel);
    this.#end.setAttribute("role", "status");
    this.element = make("div", {}, this.#going, this.#end);
  }

  /** Whether it was done; what goes wrong is shown. Work that goes on is not disturbed. */
  async run(what: string, task: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
    if (this.#abort) return false;
    const { signal } = (this.#abort = new AbortController());
    this.#end.replaceChildren();
    this.#text.textContent = what;
    this.#bar.removeAttribute("value");
    this.#going.hidden = false;
    this.#going.scrollIntoView({ block: "nearest" });
    try {
      await task(signal);
      return true;
    } catch (error) {
      if (signal.aborted) this.says("Cancelled: nothing was added.");
      else this.#end.replaceChildren(showProblem(explainOwn(error)));
      return false;
    } finally {
      // A button that is gone takes the focus with it.
      const focused = document.activeElement;
      const isLost = focused === null || focused === document.body || this.#going.contains(focused);
      this.#going.hidden = true;
      if (isLost) this.#end.focus({ preventScroll: true });
      this.#abort = undefined;
    }
  }

  progress({ done, total, remainingMs }: Progress): void {
    this.#bar.value = total > 0 ? done / total : 0;
    const left = remainingMs === undefined || done === total ? "" : ` · ${durationOf(remainingMs)} left`;
    this.#text.textContent = `Reading ${done} of ${total} tools${left}. Those that are read can be asked for.`;
  }

  says(text: string, ...more: Node[]): void {
    this.#end.replaceChildren(make("p", {}, text), ...more);
  }
}
