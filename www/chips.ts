/** The examples, by theme. Those that need the network say so; without it they rest, or are answered by a stored example. */
import { make } from "./dom.ts";
import { themes } from "./examples.ts";
import { hasStoredReply } from "./offline/stored-replies.ts";

/** A sign stays on the line of the word before it. */
const JOINER = "\u2060";

export function exampleChips(ask: (question: string) => void): HTMLElement {
  const groups = themes.map(({ theme, examples }) => {
    const chips = examples.map(({ question, tool, network }) => {
      const mark =
        network &&
        make(
          "span",
          { className: "mark" },
          `${JOINER}↗`,
          make("span", { className: "visually-hidden" }, " asks a public API"),
        );
      const onclick = () => ask(question);
      const chip = make("button", { type: "button", className: "chip", onclick }, question, mark);
      if (network) chip.dataset.network = hasStoredReply(tool) ? "stored" : "";
      return make("li", {}, chip);
    });
    return make("div", { className: "theme" }, make("h3", {}, theme), make("ul", { className: "chips" }, ...chips));
  });
  const all = make("div", { className: "themes" }, ...groups);
  followNetwork(all);
  return all;
}

/** Without network those with a stored reply are answered by it, and say so. */
function followNetwork(chips: HTMLElement): void {
  for (const chip of chips.querySelectorAll<HTMLButtonElement>("[data-network]")) {
    const isStored = chip.dataset.network === "stored";
    chip.disabled = !navigator.onLine && !isStored;
    const answer = isStored ? "It is answered by a stored example." : "";
    chip.title = navigator.onLine ? "" : `There is no network at the moment. ${answer}`.trim();
  }
}

/** Whenever the network comes or goes. */
export function watchNetwork(): void {
  const follow = () => {
    document.querySelectorAll<HTMLElement>(".themes").forEach(followNetwork);
    const legend = navigator.onLine ? "asks a public API" : "there is no network: answered by a stored example";
    document.querySelector(".legend")!.textContent = `↗ ${legend}`;
  };
  follow();
  addEventListener("online", follow);
  addEventListener("offline", follow);
}
