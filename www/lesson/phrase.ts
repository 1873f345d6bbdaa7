/** The lesson's words on the page: figures filled in, terms and code set apart. */
import { make } from "../dom.ts";

/** `{name}` stands for a value; one that isn't known stays, for a test to find. A number and its % stay on one line. */
export function fill(text: string, values: Record<string, string | number>): string {
  return text
    .replaceAll(" %", "\u00a0%")
    .replace(/\{(\w+)\}/g, (whole, name: string) => (Object.hasOwn(values, name) ? String(values[name]) : whole));
}

/** `*term*`, `` `code` `` and `[text](address)`; all else is text. */
export function phrase(text: string): (Node | string)[] {
  return text.split(/(\*[^*]+\*|`[^`]+`|\[[^\]]+\]\([^)]+\))/).map((part) => {
    if (part.startsWith("*")) return make("strong", {}, part.slice(1, -1));
    if (part.startsWith("`")) return make("code", {}, part.slice(1, -1));
    const [, label, href] = /^\[([^\]]+)\]\(([^)]+)\)$/.exec(part) ?? [];
    return label && href ? make("a", { href, rel: "noreferrer" }, label) : part;
  });
}
