/** What came of one document: its tools, what was left out and why, questions to try. */
import type { Problem, Tool } from "toolgen";
import { make } from "../dom.ts";
import { hostOf, titleOf } from "../words/format.ts";
import type { Added, Offer } from "./add.ts";
import { leftOut } from "./problems.ts";

export interface Actions {
  find(name: string): Tool | undefined;
  ask(question: string): void;
  remove(): void;
}

export function sourceCard(added: Added, { skipped, questions = [] }: Offer, actions: Actions): HTMLElement {
  const { source } = added;
  const heading = make("h3", { tabIndex: -1 }, source.name);
  const remove = make(
    "button",
    { type: "button", onclick: actions.remove, ariaLabel: `Remove ${source.name}` },
    "Remove",
  );
  const count = source.tools.length === 1 ? "1 tool" : `${source.tools.length} tools`;
  const chips = questions.map((question) =>
    make(
      "li",
      {},
      make("button", { type: "button", className: "chip", onclick: () => actions.ask(question) }, question),
    ),
  );
  return make(
    "article",
    { className: "card own-source" },
    make("header", {}, heading, remove),
    chips.length > 0 && make("ul", { className: "chips" }, ...chips),
    list(
      count,
      source.tools.map((name) => toolItem(actions.find(name), name, source.hosts)),
    ),
    leftOutList([...skipped, ...added.skipped]),
    list(
      "Read in part",
      added.narrowed.map(({ name, leftOut }) => item(name, leftOut.join("; "))),
    ),
  );
}

/** Each place of the document with the reason. */
export function leftOutList(problems: readonly Problem[]): HTMLElement | false {
  return list(
    "Left out",
    problems.map(leftOut).map(({ place, why }) => item(place, why)),
  );
}

function toolItem(tool: Tool | undefined, name: string, hosts: readonly string[]): HTMLElement {
  if (!tool) return item(name, "");
  const host = hostOf(tool);
  const asks =
    host !== undefined && hosts.includes(host) && make("span", { className: "badge" }, `asks before ${host}`);
  return item(name, tool.description, titleOf(tool), asks);
}

function item(code: string, text: string, title = "", badge: Node | false = false): HTMLElement {
  return make(
    "li",
    {},
    title && `${title} `,
    make("code", {}, code),
    " ",
    badge,
    make("p", { className: "quiet" }, text),
  );
}

function list(title: string, items: HTMLElement[]): HTMLElement | false {
  if (items.length === 0) return false;
  const summary = /^\d/.test(title) ? title : `${title}: ${items.length}`;
  return make("details", {}, make("summary", {}, summary), make("ul", { className: "own-list" }, ...items));
}
