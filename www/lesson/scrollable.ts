/** What is wider than a phone is moved within its place: by touch, and by the arrow keys once it has the focus. */
import { make } from "../dom.ts";

export function scrollable(label: string, ...children: (Node | string)[]): HTMLElement {
  const element = make("div", { className: "scroll", tabIndex: 0, role: "region" }, ...children);
  element.ariaLabel = label;
  return element;
}
