/** What the page is doing: styles and tests read it, screen readers hear it. */
import { byId } from "./dom.ts";

/** `waiting`: for a person, in the middle of an answer. */
export type State = "loading" | "ready" | "busy" | "waiting" | "done" | "error";

export function setState(state: State, status: string): void {
  document.documentElement.dataset.state = state;
  byId("status").textContent = status;
  const cancel = byId("cancel");
  const goesOn = state === "busy" || state === "waiting";
  // A button that vanishes would take the focus with it.
  if (!goesOn && document.activeElement === cancel) byId("question").focus();
  cancel.hidden = !goesOn;
}
