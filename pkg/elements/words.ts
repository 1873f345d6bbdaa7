/** What people read in place of names. */
import type { JsonSchema, RankedTool, ToolCall } from "../core/types.js";
import type { FinishReason } from "../protocol.js";

/** `set_timer` and `setTimer` are "Set timer". */
export function titled(name: string): string {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .replace(/[_.-]+/g, " ")
    .trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What a parameter is called: its schema's own words, if they are few. */
export function labelOf(name: string, { title, description }: JsonSchema): string {
  const words = [title, description].find((text) => typeof text === "string" && text !== "" && text.length <= 60);
  return words === undefined ? titled(name.split(".").at(-1)!) : String(words).replace(/\.$/, "");
}

/** A call's arguments as they are to be read, each with its name. */
export function argumentsOf({ arguments: args }: ToolCall): [label: string, value: string][] {
  return Object.entries(args).map(([name, value]) => [
    titled(name),
    revealed(typeof value === "string" ? value : JSON.stringify(value)),
  ]);
}

/** Characters without a width, and marks that turn a text round; joiners stay, since scripts and emoji need them. */
const HIDDEN = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu;

/** The text with its hidden characters written out: who approves it reads what is sent. */
export function revealed(text: string): string {
  return text.replace(HIDDEN, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

/** More than anyone reads, and than a page lays out at once. */
const MOST = 4000;

export function shortened(text: string): string {
  return text.length > MOST ? `${text.slice(0, MOST)}… (${text.length - MOST} more characters)` : text;
}

export function percent({ probability }: Pick<RankedTool, "probability">): string {
  // The number stays with its sign.
  return probability > 0 && probability < 0.01 ? "<1\u00a0%" : `${Math.round(100 * probability)}\u00a0%`;
}

export const NO_TOOL = {
  no_tool: "None of the tools here does that. Try other words.",
  language: "Please ask in English, the language that the model knows.",
};

/** What a run's end says that its events don't. */
export const ENDS: Partial<Record<FinishReason, string>> = {
  abstained: "Nothing was carried out. Try other words.",
  unsure: "It isn’t clear which tool is meant. Try other words.",
  denied: "It was not carried out.",
  max_steps: "It stopped here, after as many steps as it may take.",
  no_room: "It stopped here: the answers are too long to read another.",
};
