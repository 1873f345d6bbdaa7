/** The link to a question: followed, it shows the call and asks before anything is sent. */
import { make } from "./dom.ts";
import type { Place } from "./place.ts";
import { fromFragment, isFragment, toFragment, type Shared } from "./share/shared.ts";

export function linkTo(question: string, place: Place): HTMLElement {
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

/** A longer question stands in no address: browsers and servers take no more. */
const MAX_QUESTION = 2000;

/** With tools in it that the page doesn't have by itself, it is a fragment, which no server sees. */
export function addressOf(asked: string, place: Place): string {
  // Half a character, as of a text that was cut, can't be encoded.
  const question = asked.length <= MAX_QUESTION ? new TextDecoder().decode(new TextEncoder().encode(asked)) : "";
  const carried = place.carried();
  const isLonger = question && Object.keys(carried).length > 0;
  const fragment = isLonger ? toFragment({ question, place: place.name, ...carried }) : undefined;
  if (fragment !== undefined) return `${location.pathname}${fragment}`;
  const parts = [place.name !== "catalogue" && `place=${place.name}`, question && `q=${encodeURIComponent(question)}`];
  const search = parts.filter(Boolean).join("&");
  return search ? `?${search}` : location.pathname;
}

export interface Followed extends Omit<Shared, "question"> {
  question?: string;
  /** The link was cut off on its way, or changed. */
  incomplete: boolean;
}

/** Where the page's address leads, and to which question if to one. */
export function followed(): Followed {
  const shared = fromFragment(location.hash);
  if (shared) return { ...shared, incomplete: false };
  const search = new URLSearchParams(location.search);
  return {
    place: search.get("place") === "room" ? "room" : "catalogue",
    question: search.get("q") ?? undefined,
    incomplete: isFragment(location.hash),
  };
}

/** Why the question of an address is one that nobody has just asked. */
export function howItCame(): string {
  const [entry] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return entry && entry.type !== "navigate" ? "The page was loaded again." : "This question came with a link.";
}
