/** What a call gave, as one sentence. */
import type { Observation, Tool, ToolCall } from "toolgen";
import { titleOf } from "./format.ts";
import { capitalised, labelOf, listOf, moneyOf, numberOf, wordsOf } from "./humanise.ts";

export interface Said {
  text: string;
  /** What else there is to show: all fields where there are many, or where some were rounded or left out. */
  rest: Record<string, unknown>;
}

/** A part of a sentence. */
interface Phrase {
  text: string;
  /** Nothing was left out and nothing rounded. */
  whole: boolean;
}

/** More would be a list that is read out. */
const MAX_PAIRS = 6;
const MAX_ITEMS = 5;
/** A table repeats a short sentence; a longer one it makes readable. */
const FEW_FIELDS = 3;
/** A longer text speaks for itself. */
const LONG_TEXT = 80;
const MAX_TEXT = 400;
/** Labels that say nothing beside a title. */
const PLAIN =
  /^(result|text|answer|value|all|summary|output|in short|about|joke|fact|advice|description|sky|weather)$/i;
const MONEY = /price|cost|highest|lowest|\b(high|low|open|close|total|amount|market cap)\b/i;

export function sentenceOf(tool: Tool | undefined, call: ToolCall, { result, body }: Observation): Said {
  if (Object.keys(result).length === 0) return withoutLabels(tool, body);
  return (tool?.http ? undefined : ownWords(result)) ?? longText(result) ?? pairs(tool, call, result);
}

/** Functions of the page that put their answer into words themselves. */
function ownWords(result: Record<string, unknown>): Said | undefined {
  const { text, ...rest } = result;
  if (typeof text !== "string" || text.length > MAX_TEXT || Object.keys(rest).length === 0) return undefined;
  const rounded = text.replace(/-?\d+\.\d{5,}/g, (digits) => numberOf(Number(digits)));
  const isSaid = rounded === text && Object.keys(rest).length === 1;
  return { text: finished(capitalised(rounded)), rest: isSaid ? {} : rest };
}

/** A summary, a joke, a poem: the labels around it can wait. */
function longText(result: Record<string, unknown>): Said | undefined {
  const isLong = (value: unknown): value is string =>
    typeof value === "string" && value.length > LONG_TEXT && !isLink(value);
  const [label, value] = Object.entries(result).find(([, value]) => isLong(value)) ?? [];
  if (label === undefined || !isLong(value)) return undefined;
  const { [label]: _, ...others } = result;
  return { text: start(value), rest: value.length > MAX_TEXT ? result : others };
}

/** `Weather now, Oslo: Light rain, temperature 7 °C.` */
function pairs(tool: Tool | undefined, call: ToolCall, result: Record<string, unknown>): Said {
  const entries = Object.entries(result);
  const currency = currencyOf(tool, call);
  const head = headOf(tool, call);
  const repeated = repeatedLabel(head, entries);
  const phrases = entries.map(([label, value]) => pair(label, value, currency, label === repeated));
  const said = phrases.flatMap((phrase) => phrase?.text ?? []).slice(0, MAX_PAIRS);
  const whole = said.length === entries.length && phrases.every((phrase) => phrase?.whole);
  const text = finished(said.length > 0 ? `${head}: ${said.join(", ")}` : head);
  return { text, rest: whole && entries.length <= FEW_FIELDS ? {} : result };
}

/** A text or an image that has no labels. */
function withoutLabels(tool: Tool | undefined, body: unknown): Said {
  const title = tool ? titleOf(tool) : "It";
  if (body === null || body === "") return { text: `${title}: done.`, rest: {} };
  if (typeof body === "string" && body.trim()) {
    return { text: start(body.trim()), rest: body.trim().length > MAX_TEXT ? { answer: body } : {} };
  }
  return { text: `${title}: here is the answer.`, rest: { answer: body } };
}

/** `Weather now, Oslo` */
function headOf(tool: Tool | undefined, call: ToolCall): string {
  const title = tool ? titleOf(tool) : capitalised(wordsOf(call.name));
  const { currency: _, ...args } = call.arguments;
  const [subject, ...more] = Object.values(args).filter((value) => typeof value === "string");
  return subject !== undefined && more.length === 0 && subject.length <= 40 ? `${title}, ${subject}` : title;
}

/** `Flip a coin: flips tails` says it twice. Where several labels are of the title, they tell the values apart. */
function repeatedLabel(head: string, entries: readonly [string, unknown][]): string | undefined {
  const words = new Set(wordsIn(head));
  const repeated = entries.filter(([label]) => wordsIn(labelOf(label).name).every((word) => words.has(word)));
  return repeated.length === 1 && repeated[0] === entries[0] ? repeated[0]![0] : undefined;
}

/** In the singular, as far as an “s” tells. */
function wordsIn(text: string): string[] {
  return text
    .toLowerCase()
    .split(/\W+/)
    .map((word) => word.replace(/s$/, ""));
}

function pair(label: string, value: unknown, currency: string | undefined, isSaid: boolean): Phrase | undefined {
  const { name, unit } = labelOf(label);
  const percents = unit === "%" && typeof value === "number" ? hundredths(value) : undefined;
  const said = percents ?? saying(value, unit === undefined && MONEY.test(name) ? currency : undefined);
  if (!said) return undefined;
  const withUnit = unit === undefined ? said.text : `${said.text} ${unit}`;
  return { text: isSaid || PLAIN.test(name) ? withUnit : `${name} ${withUnit}`, whole: said.whole };
}

/** Undefined for what can't be said: nothing, links, pictures, things within things. */
function saying(value: unknown, currency?: string): Phrase | undefined {
  if (value === null || value === undefined || value === "") return undefined;
  if (typeof value === "boolean") return { text: value ? "yes" : "no", whole: true };
  if (typeof value === "number") return number(value, currency);
  if (typeof value === "string")
    return isLink(value) ? undefined : { text: value.replace(/\s+/g, " ").trim(), whole: true };
  if (Array.isArray(value)) return items(value);
  const fields = Object.entries(value as object).flatMap(([name, inner]) => {
    if (typeof inner !== "number" && typeof inner !== "string") return [];
    // Amounts by their currency, as exchange rates come.
    if (typeof inner === "number" && /^[A-Z]{3}$/.test(name)) return { text: moneyOf(inner, name), whole: false };
    const said = saying(inner);
    return said ? { text: `${wordsOf(name)} ${said.text}`, whole: said.whole } : [];
  });
  if (fields.length === 0 || fields.length > 3) return undefined;
  return { text: listOf(fields.map(({ text }) => text)), whole: fields.every(({ whole }) => whole) };
}

function number(value: number, currency: string | undefined): Phrase {
  const text = currency === undefined ? numberOf(value) : moneyOf(value, currency);
  return { text, whole: Number(text.replace(/[^\d.eE-]/g, "")) === value };
}

function hundredths(value: number): Phrase {
  const rounded = Math.round(value * 100) / 100;
  return { text: numberOf(rounded), whole: rounded === value };
}

function items(values: unknown[]): Phrase | undefined {
  const said = values.slice(0, MAX_ITEMS).map((value) => (Array.isArray(value) ? undefined : saying(value)));
  const texts = said.flatMap((item) => item?.text ?? []);
  if (texts.length === 0 || texts.length < said.length) return undefined;
  const rest = values.length - texts.length;
  return {
    text: listOf(rest > 0 ? [...texts, `${rest} more`] : texts),
    whole: rest === 0 && said.every((item) => item?.whole),
  };
}

/** The currency that the call asks for, or that the schema takes without one. */
function currencyOf(tool: Tool | undefined, call: ToolCall): string | undefined {
  const value = call.arguments.currency ?? tool?.parameters.properties?.currency?.default;
  return typeof value === "string" && /^[a-z]{3}$/i.test(value) ? value.toUpperCase() : undefined;
}

/** The first sentences of a text. */
function start(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  if (line.length <= MAX_TEXT) return finished(line);
  const cut = line.slice(0, MAX_TEXT);
  const end = Math.max(cut.lastIndexOf(". "), cut.lastIndexOf("! "), cut.lastIndexOf("? "));
  return end > MAX_TEXT / 3 ? cut.slice(0, end + 1) : `${cut.slice(0, cut.lastIndexOf(" "))} …`;
}

function finished(text: string): string {
  return /[.!?…"”)]$/.test(text) ? text : `${text}.`;
}

function isLink(text: string): boolean {
  return /^https?:\/\/\S+$/.test(text);
}
