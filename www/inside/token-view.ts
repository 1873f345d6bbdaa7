/**
 * A call token by token: the tool's token as a chip, forced tokens grey, chosen ones bright. Of the token that is pointed at,
 * or reached by the arrow keys, it says what else could have stood there.
 */
import { make } from "../dom.ts";
import { percent } from "../words/format.ts";
import type { ArgumentToken } from "toolgen";

const HINT = "Point at a token, or use the arrow keys, to see what else could have stood there.";

export class TokenView {
  readonly element: HTMLElement;
  readonly #line: HTMLElement;
  readonly #says = make("p", { className: "quiet token-says", role: "status" }, HINT);
  readonly #said = new Map<HTMLElement, string>();
  #chosen?: HTMLElement;

  constructor() {
    this.#line = make("div", { className: "tokens", tabIndex: 0, role: "application" });
    this.#line.ariaLabel = "The call, token by token";
    this.#line.addEventListener("keydown", (event) => this.#key(event));
    for (const type of ["pointerover", "click"] as const)
      this.#line.addEventListener(type, ({ target }) => this.#choose(target as HTMLElement));
    this.element = make("div", { className: "token-view" }, this.#line, this.#says);
  }

  /** The first token, which is a tool. */
  tool(name: string): void {
    this.#said.clear();
    this.#line.replaceChildren();
    this.#add(make("mark", { className: "token" }, name), `${name}: the tool's token, one for the whole tool.`);
  }

  token(token: ArgumentToken): void {
    const kind = token.forced ? "forced" : "free";
    this.#add(make("span", { className: `token ${kind}` }, visible(token.text)), sentenceOf(token));
  }

  #add(element: HTMLElement, says: string): void {
    this.#said.set(element, says);
    this.#line.append(element);
  }

  #key(event: KeyboardEvent): void {
    if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
    event.preventDefault();
    const all = [...this.#said.keys()];
    const at = this.#chosen ? all.indexOf(this.#chosen) : -1;
    const to = event.key === "ArrowRight" ? Math.min(at + 1, all.length - 1) : Math.max(at - 1, 0);
    if (all[to]) this.#choose(all[to]);
  }

  #choose(element: HTMLElement): void {
    const says = this.#said.get(element);
    if (says === undefined || element === this.#chosen) return;
    this.#chosen?.classList.remove("at");
    element.classList.add("at");
    this.#chosen = element;
    this.#says.textContent = says;
  }
}

/** `“Oslo”: 93.0 %, of 14 allowed tokens. Next: “Os” 4.0 %.` */
export function sentenceOf({ text, forced, allowed, alternatives }: ArgumentToken): string {
  const quoted = text === "" ? "A part of a character" : `“${visible(text)}”`;
  if (forced) return `${quoted}: forced, the mask allowed nothing else.`;
  const [own, ...rest] = alternatives;
  const others = rest.map((one) => `“${visible(one.text)}” ${percent(one.probability)}`);
  const tokens = allowed === 1 ? "1 allowed token" : `${allowed.toLocaleString("en")} allowed tokens`;
  const chosen = own ? `${quoted}: ${percent(own.probability)}, of ${tokens}.` : `${quoted}: chosen of ${tokens}.`;
  return others.length > 0 ? `${chosen} Next: ${others.join(", ")}.` : chosen;
}

/** Blanks and line ends can't be seen otherwise. */
function visible(text: string): string {
  return text.replaceAll(" ", "␣").replaceAll("\n", "↵");
}
