/** What a person is asked in the middle of an answer: a sentence and buttons. */
import { make } from "../dom.ts";

export interface Option<T> {
  value: T;
  text: string;
  /** Beside the text, in quiet letters. */
  note?: string;
  primary?: boolean;
}

/** Puts the question in `place`, and takes it away with the answer. */
export function promptIn<T>(place: HTMLElement, question: string, options: Option<T>[], details?: Node): Promise<T> {
  return new Promise((resolve) => {
    const buttons = options.map(({ value, text, note, primary }) => {
      const onclick = ({ detail }: MouseEvent) => {
        if (detail > 1) return; // the second click of two was meant for the prompt before
        place.replaceChildren();
        resolve(value);
      };
      const className = primary ? "primary" : "choice";
      return make(
        "button",
        { type: "button", value: String(value), className, onclick },
        text,
        note !== undefined && make("span", { className: "note" }, ` ${note}`),
      );
    });
    const group = make(
      "div",
      { className: "prompt", role: "group", ariaLabel: question, tabIndex: -1 },
      make("p", {}, question),
      ...(details ? [details] : []),
      make("p", { className: "actions" }, ...buttons),
    );
    place.replaceChildren(group);
    group.focus({ preventScroll: true });
    group.scrollIntoView({ block: "nearest" });
  });
}
