/** Three ways to bring tools: an example, a pasted document or list, the address of an MCP server. */
import { make } from "../dom.ts";
import calendar from "./examples/calendar.json" with { type: "json" };
import docker from "./examples/docker.json" with { type: "json" };
import shop from "./examples/shop.json" with { type: "json" };
import { MAX_DOCUMENT, tooLarge } from "./read.ts";

export interface Example {
  name: string;
  about: string;
  questions: string[];
  document: unknown;
  replies: Record<string, unknown>;
}

export const examples: readonly Example[] = [shop, calendar, docker];

export function exampleList(choose: (example: Example) => void): HTMLElement {
  const items = examples.map((example) => {
    const name = make("strong", {}, example.name);
    const onclick = () => choose(example);
    return make("li", {}, make("button", { type: "button", onclick }, name, make("span", {}, example.about)));
  });
  return make("div", {}, make("h3", {}, "Try an example"), make("ul", { className: "own-examples" }, ...items));
}

export function pasteForm(read: (text: string, baseUrl: string) => void): HTMLElement {
  const text = make("textarea", {
    id: "own-document",
    rows: 6,
    spellcheck: false,
    placeholder: '{ "openapi": "3.1.0", …    or    [{ "name": …, "description": …, "parameters": … }]',
  });
  const file = make("input", { id: "own-file", type: "file", accept: ".json,.yaml,.yml,.txt" });
  file.addEventListener("change", async () => {
    const chosen = file.files?.[0];
    const isLarge = chosen !== undefined && chosen.size > MAX_DOCUMENT;
    file.setCustomValidity(isLarge ? `This is too large: ${tooLarge(chosen.size, MAX_DOCUMENT)}` : "");
    if (isLarge) file.reportValidity();
    else if (chosen) text.value = await chosen.text();
  });
  const base = make("input", { id: "own-base", type: "url", placeholder: "https://api.example.com" });
  const form = make(
    "form",
    { autocomplete: "off" },
    label("own-document", "An OpenAPI document or a list of functions, in JSON or YAML"),
    text,
    label("own-file", "… or a file of it"),
    file,
    label("own-base", "Address of its server, if the document names none"),
    base,
    make("button", { type: "submit", className: "primary" }, "Read it"),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    read(text.value, base.value.trim());
  });
  return folded("Paste a document or a list", form);
}

export function serverForm(connect: (url: string) => void): HTMLElement {
  const url = make("input", { id: "own-server", type: "url", required: true, placeholder: "https://example.com/mcp" });
  const note = "Your browser asks that server for its tools. Each call asks you first.";
  const form = make(
    "form",
    { autocomplete: "off" },
    label("own-server", "Address of an MCP server (Streamable HTTP)"),
    url,
    make("p", { className: "quiet" }, note),
    make("button", { type: "submit", className: "primary" }, "Connect"),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    connect(url.value.trim());
  });
  return folded("Connect to an MCP server", form);
}

function label(htmlFor: string, text: string): HTMLElement {
  return make("label", { htmlFor }, text);
}

function folded(title: string, content: Node): HTMLElement {
  return make("details", {}, make("summary", {}, title), content);
}
