/** The figures of the lesson: each comes from a report of `docs/results`, or from the catalogue. */
import bm25 from "../../docs/results/catalogue/bm25.json" with { type: "json" };
import minilm from "../../docs/results/catalogue/minilm.json" with { type: "json" };
import prompted from "../../docs/results/catalogue/prompted.json" with { type: "json" };
import forced from "../../docs/results/catalogue/toolgen-forced.json" with { type: "json" };
import toolgen from "../../docs/results/catalogue/toolgen.json" with { type: "json" };
import unseenBm25 from "../../docs/results/clinc150/bm25-unseen.json" with { type: "json" };
import atomic from "../../docs/results/clinc150/indexing-atomic.json" with { type: "json" };
import hierarchical from "../../docs/results/clinc150/indexing-hierarchical.json" with { type: "json" };
import numeric from "../../docs/results/clinc150/indexing-numeric.json" with { type: "json" };
import semantic from "../../docs/results/clinc150/indexing-semantic.json" with { type: "json" };
import unseen from "../../docs/results/clinc150/toolgen-gives-way-unseen.json" with { type: "json" };
import { CHARACTERS_A_TOKEN } from "../inside/tokens-read.ts";
import type { Measured } from "./data.ts";

/** In the order of the chapter that shows them. */
export const indexings = [atomic, numeric, hierarchical, semantic];

export type Facts = Record<string, string>;

/** What `{…}` stands for in the lesson's words. */
export function factsOf({ tools, characters, context, dimensions }: Measured): Facts {
  const tokensEach = Math.round(characters / CHARACTERS_A_TOKEN);
  return {
    tools: count(tools),
    characters: count(characters),
    tokensEach: count(tokensEach),
    context: count(context),
    fit: count(Math.floor(context / tokensEach)),
    dimensions: count(dimensions),
    prompted: share(prompted.tool_accuracy),
    promptedQuestions: count(prompted.instances),
    toolgen: share(toolgen.tool_accuracy),
    toolgenQuestions: count(toolgen.instances),
    indexingSteps: count(atomic.steps),
    indexingQuestions: count(atomic.instances),
    indexingTools: count(atomic.tools),
    unseen: share(unseen["ndcg@1"]),
    unseenBm25: share(unseenBm25["ndcg@1"]),
    unseenQuestions: count(unseen.instances),
    unseenTools: count(unseen.tools),
    callQuestions: count(toolgen.instances),
    valid: share(toolgen.valid_calls),
    exact: share(toolgen.call_exact),
    minilm: share(minilm["ndcg@1"]),
    bm25: share(bm25["ndcg@1"]),
    forced: share(forced["ndcg@1"]),
  };
}

/** Tokens of so many definitions, as far as a rule of thumb goes. */
export function promptTokens(tools: number, { characters }: Measured): number {
  return Math.round((tools * characters) / CHARACTERS_A_TOKEN);
}

export function count(value: number): string {
  return value.toLocaleString("en", { useGrouping: value >= 10_000 || value % 1 === 0 });
}

/** In percent, without the sign. */
export function share(value: number): string {
  return (100 * value).toFixed(1).replace(/\.0$/, "");
}
