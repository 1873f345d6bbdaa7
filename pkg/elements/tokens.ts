/** Explained tokens: what was written, what the grammar forced, and what else could have come. */
import type { ArgumentToken } from "../core/types.js";
import { make } from "./dom.js";
import { percent } from "./words.js";

/** Tokens in a row; one that was chosen can be pressed, and shows what it was chosen from. */
export class TokenStrip {
  readonly #row = make("div", { part: "tokens" });
  readonly #shown = make("div", { part: "alternatives", role: "status" });
  readonly element = make("div", {}, this.#row, this.#shown);

  add(token: ArgumentToken): void {
    if (token.forced) return this.#row.append(make("span", { className: "forced" }, token.text));
    // A token that ends inside a character has no text yet.
    const text = visible(token.text || "…");
    const button = make("button", { type: "button", className: "token", "aria-pressed": "false" }, text);
    button.addEventListener("click", () => this.#toggle(button, token));
    this.#row.append(button);
  }

  #toggle(button: HTMLElement, { allowed, alternatives }: ArgumentToken): void {
    const wasOpen = button.ariaPressed === "true";
    for (const other of this.#row.querySelectorAll("[aria-pressed]")) other.setAttribute("aria-pressed", "false");
    if (wasOpen) return this.#shown.replaceChildren();
    button.setAttribute("aria-pressed", "true");
    const items = alternatives.map(({ text, probability }, index) => {
      const chosen = index === 0 && make("small", {}, " written");
      return make("li", {}, make("code", {}, visible(text)), chosen, share(probability), percent({ probability }));
    });
    const of = `${allowed} ${allowed === 1 ? "token fits" : "tokens fit"} the schema here; the likeliest:`;
    this.#shown.replaceChildren(make("p", { className: "quiet" }, of), make("ul", { part: "ranking" }, ...items));
  }
}

/** A probability as a bar, for the eye alone: the number stands beside it. */
export function share(probability: number): HTMLElement {
  const bar = make("span", { className: "share", "aria-hidden": "true" });
  bar.style.setProperty("--share", String(probability));
  return bar;
}

/** Spaces and ends of lines have a sign, or there would be nothing to see or to press. */
function visible(text: string): string {
  return text.replaceAll(" ", "␣").replaceAll("\n", "⏎");
}
