/** The link to a question: followed, it shows the call and asks before anything is sent. */
import { make } from "./dom.ts";
import type { PlaceName } from "./place.ts";

export function linkTo(question: string, place: PlaceName): HTMLElement {
  const link = make(
    "a",
    { className: "quiet link", href: addressOf(question, place), title: "Copy the link to this question" },
    "Link",
  );
  link.addEventListener("click", (event) => {
    const { clipboard } = navigator as { clipboard?: Clipboard }; // plain http has none
    if (!clipboard || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    clipboard.writeText(link.href).then(
      () => (link.textContent = "Link copied"),
      () => (link.textContent = link.href),
    );
  });
  return link;
}

export function addressOf(question: string, place: PlaceName): string {
  const parts = [place !== "catalogue" && `place=${place}`, question && `q=${encodeURIComponent(question)}`];
  const search = parts.filter(Boolean).join("&");
  return search ? `?${search}` : location.pathname;
}

/** The question in the page's address, if there is one. */
export function askedByLink(): string | null {
  return new URLSearchParams(location.search).get("q");
}

/** Where the page's address leads. */
export function placeByLink(): PlaceName {
  return new URLSearchParams(location.search).get("place") === "room" ? "room" : "catalogue";
}
