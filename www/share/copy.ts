/** A button that copies a text, and says so. */
import { make } from "../dom.ts";

const SAID_MS = 2000;

/** `failed` shows the text where it can be copied by hand: plain http has no clipboard. */
export function copyButton(label: string, text: () => string, failed: () => void): HTMLButtonElement {
  const button = make("button", { type: "button", className: "choice" }, label);
  const said = (words: string) => {
    button.textContent = words;
    setTimeout(() => (button.textContent = label), SAID_MS);
  };
  button.addEventListener("click", () => {
    const { clipboard } = navigator as { clipboard?: Clipboard };
    if (!clipboard) return failed();
    clipboard.writeText(text()).then(() => said("Copied"), failed);
  });
  return button;
}
