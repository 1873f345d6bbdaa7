/** What went wrong: the sentence for people, and the technical part behind a disclosure. */
import { make } from "../dom.ts";
import type { Explained } from "../words/errors.ts";

export function showProblem({ text, code, message }: Explained): HTMLElement {
  const sentence = make("p", { className: "sentence" }, text);
  if (message === text) return make("div", { className: "failure" }, sentence);
  const technical = make("details", { className: "technical" }, make("summary", {}, "Technical details"));
  technical.append(make("p", {}, message), make("code", {}, code));
  return make("div", { className: "failure" }, sentence, technical);
}
