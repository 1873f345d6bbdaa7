/** What can be done with an answer beside reading it: send it, save it, take its code. */
import { disclosure } from "../answer/disclosure.ts";
import { make } from "../dom.ts";
import { copyButton } from "./copy.ts";
import { fileNameOf, writeRun, type Run } from "./run-file.ts";
import { snippetFor } from "./snippet.ts";

/** `address` is the link to the question. */
export function sharing(run: Run, address: string): HTMLElement {
  const { element, body, says } = disclosure("Share");
  says("a link, a file, the code");
  // Made when it is wanted: most answers are only read.
  const fill = () => {
    if (element.open && !body.hasChildNodes()) body.append(...contents(run, new URL(address, location.href).href));
  };
  element.addEventListener("toggle", fill);
  fill();
  return element;
}

function contents(run: Run, link: string): Node[] {
  const shown = make("p", { className: "quiet" });
  const save = make("button", { type: "button", className: "choice", onclick: () => saveFile(run) }, "Save as a file");
  const called = run.entries.flatMap(({ event }) =>
    event.type === "call" || event.type === "ask" ? event.call.name : [],
  );
  const tool = called[0] === undefined ? undefined : run.find(called[0]);
  const buttons = make("p", { className: "actions" }, linkButton(link, shown), save);
  if (!tool) return [buttons, shown];
  const code = make("pre", { className: "snippet", tabIndex: 0 }, snippetFor(run.question, tool));
  code.setAttribute("aria-label", "The same in your own app");
  const select = () => getSelection()?.selectAllChildren(code);
  buttons.append(copyButton("Copy the code", () => code.textContent!, select));
  return [buttons, shown, make("h3", {}, "The same in your own app"), code];
}

/** A phone has its own way to send something. */
function linkButton(link: string, shown: HTMLElement): HTMLButtonElement {
  const fallback = () => void (shown.textContent = link);
  if (!matchMedia("(pointer: coarse)").matches || !("share" in navigator))
    return copyButton("Copy the link", () => link, fallback);
  const send = () => navigator.share({ url: link }).catch(() => {}); // the person may close it
  return make("button", { type: "button", className: "choice", onclick: send }, "Send the link");
}

function saveFile(run: Run): void {
  const url = URL.createObjectURL(new Blob([writeRun(run)], { type: "application/json" }));
  make("a", { href: url, download: fileNameOf(run.question) }).click();
  URL.revokeObjectURL(url);
}
