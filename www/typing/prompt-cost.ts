/** What a question would cost with all tools in the prompt: tokens that are counted, and a time that is computed. */
import { ToolgenError, type Tool, type Toolgen } from "toolgen";
import { durationOf } from "../words/humanise.ts";

/** More than any context has, so that nothing is ever written. */
const TOO_MANY = 2 ** 16;
/** Some sixty tokens that no question begins with. */
const SAMPLE =
  "On the far side of the harbour, behind the old customs house, a narrow lane climbs past three gardens and a bakery " +
  "to the school, where on Thursdays the children read to each other, count the boats that come home, and write down " +
  "what the wind has done to the flags that day.";

export interface Cost {
  tools: number;
  tokens: number;
  /** That this tab reads, as measured. */
  perSecond: number;
}

/** The prompt that lists the tools, as models without rows are given them. */
export function promptOf(tools: readonly Tool[]): string {
  return tools.map(({ name, description, parameters }) => JSON.stringify({ name, description, parameters })).join("\n");
}

/** How many tokens a text has. A text that leaves no room for an answer is refused before it is read, with their number. */
export async function tokensIn(toolgen: Toolgen, text: string): Promise<number> {
  try {
    for await (const _ of toolgen.complete(text, { maxTokens: TOO_MANY })) break;
  } catch (error) {
    const [, tokens] = (error instanceof ToolgenError && /has (\d+) tokens/.exec(error.message)) || [];
    if (tokens !== undefined) return Number(tokens);
    throw error;
  }
  throw new Error("The model has room for everything.");
}

/** Reads a few lines and takes the time. */
export async function tokensPerSecond(toolgen: Toolgen, now = () => performance.now()): Promise<number> {
  const began = now();
  let read = 0;
  for await (const event of toolgen.callEvents(SAMPLE)) {
    if (event.type === "prefill") read = event.total;
    else break;
  }
  return (1000 * read) / (now() - began);
}

export function inWords({ tools, tokens, perSecond }: Cost): string {
  const count = (value: number) => Math.round(value).toLocaleString("en");
  return (
    `With all ${tools} tools in the prompt, as most models want them, this question would have ${count(tokens)} tokens ` +
    `more (counted in this tab). Reading them here would take ${durationOf((1000 * tokens) / perSecond)} or longer ` +
    `(computed from ${count(perSecond)} tokens a second, measured in this tab). As rows they take none.`
  );
}
