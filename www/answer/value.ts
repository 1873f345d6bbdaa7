/** Shows a value of an answer, whatever JSON it is. */
import { make } from "../dom.ts";
import { labelOf } from "../words/humanise.ts";
import { parseUrl } from "../words/url.ts";

const MAX_ITEMS = 20;
const MAX_FIELDS = 4;

export function showResult(result: Record<string, unknown>): HTMLElement {
  const list = make("dl");
  for (const [label, value] of Object.entries(result)) {
    const { name, unit } = labelOf(label);
    const isPlain = typeof value === "number" || (typeof value === "string" && value !== "");
    const shown = unit !== undefined && isPlain ? showText(`${value} ${unit}`) : showValue(value);
    list.append(make("dt", {}, name), make("dd", {}, shown));
  }
  return list;
}

function showValue(value: unknown): Node {
  if (Array.isArray(value)) return showList(value);
  if (typeof value === "object" && value !== null) return showFields(value as Record<string, unknown>, { named: true });
  return showText(value === null || value === "" ? "none" : String(value));
}

function showText(text: string): Node {
  if (isLink(text)) {
    const link = make("a", { href: text, rel: "noreferrer", target: "_blank" });
    link.append(
      isPicture(text)
        ? make("img", { src: text, alt: "Picture from the answer", referrerPolicy: "no-referrer" })
        : text,
    );
    return link;
  }
  const span = make("span", {}, text);
  if (/^#[0-9a-f]{6}$/i.test(text)) {
    const swatch = make("i", { className: "swatch" });
    swatch.style.background = text;
    span.prepend(swatch);
  }
  return span;
}

function showList(items: unknown[]): Node {
  if (items.length === 0) return showText("none");
  const plain = items.every((item) => typeof item !== "object" || item === null);
  if (plain && items.join(", ").length < 60) return showText(items.join(", "));
  const list = make("ol");
  for (const item of items.slice(0, MAX_ITEMS)) list.append(make("li", {}, showItem(item)));
  const rest = items.length - MAX_ITEMS;
  if (rest > 0) list.append(make("li", { className: "quiet" }, `and ${rest} more`));
  return list;
}

function showItem(item: unknown): Node {
  if (typeof item !== "object" || item === null) return showValue(item);
  return showFields(item as Record<string, unknown>, { named: false });
}

/** The simple fields of an object in one line, pictures first. */
function showFields(fields: Record<string, unknown>, { named }: { named: boolean }): Node {
  const simple = Object.entries(fields).filter(([, value]) => typeof value === "string" || typeof value === "number");
  if (simple.length === 0) return make("code", {}, JSON.stringify(fields));
  const pictures = simple.filter(([, value]) => isPicture(String(value)));
  const texts = simple.filter(([, value]) => !isPicture(String(value)));
  const line = make("span", {}, ...pictures.map(([, value]) => showText(String(value))));
  for (const [index, [name, value]] of (named ? texts : texts.slice(0, MAX_FIELDS)).entries()) {
    line.append(index > 0 ? " · " : "", named ? `${name} ` : "", showText(String(value)));
  }
  return line;
}

/** A link that is shown as what it leads to. */
export function isPicture(text: string): boolean {
  return isLink(text) && /\.(png|jpe?g|gif|webp|avif|svg)$/i.test(new URL(text).pathname);
}

function isLink(text: string): boolean {
  return /^https:\/\/\S+$/.test(text) && parseUrl(text) !== undefined;
}
