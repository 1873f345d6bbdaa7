/** The visitor's own tools: what reads documents and talks to servers is loaded when the section is opened. */
import type { Toolgen } from "toolgen";
import { byId, make } from "../dom.ts";
import type { OwnTools } from "./tools.ts";

export interface Page {
  ready: Promise<Toolgen>;
  own: OwnTools;
  ask(question: string): void;
  /** Tools have come or gone. */
  changed(): void;
}

export function offerOwnTools(page: Page): void {
  const section = byId<HTMLDetailsElement>("own");
  const place = make("div", { className: "own" });
  section.append(place);
  const open = async () => {
    if (!section.open) return;
    section.removeEventListener("toggle", open);
    try {
      const { showPanel } = await import("./panel.ts");
      showPanel(place, page);
    } catch {
      section.addEventListener("toggle", open);
      place.textContent = "This part of the page could not be loaded. Check the network, close it, and open it again.";
    }
  };
  section.addEventListener("toggle", open);
}
