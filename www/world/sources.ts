/** The code of the room's tools, fetched when somebody wants to read it. */
import { make } from "../dom.ts";
import { SOURCES } from "./tools/index.ts";

export function toolSources(): HTMLElement {
  const place = make("div", { className: "sources" });
  const element = make("details", {}, make("summary", {}, "How these tools are made"), place);
  element.addEventListener(
    "toggle",
    () => {
      place.replaceChildren(
        make("p", { className: "quiet" }, "Each is a description, a schema and a function, as in any app:"),
        ...SOURCES.map((name) => source(name)),
      );
    },
    { once: true },
  );
  return element;
}

function source(name: string): HTMLElement {
  const file = `world/${name}.ts`;
  const code = make("pre", { tabIndex: 0 }, "…");
  code.setAttribute("aria-label", file);
  fetch(file)
    .then((response) => (response.ok ? response.text() : Promise.reject(response.status)))
    .then(
      (text) => (code.textContent = text),
      () => (code.textContent = "It can't be fetched at the moment."),
    );
  return make("figure", {}, make("figcaption", {}, make("code", {}, file)), code);
}
