/** The ranking while a question is typed, and beside it that of a search by words. */
import type { Tool, Toolgen } from "toolgen";
import { markChosen, rankedWithNone, showRanking } from "../answer/ranking.ts";
import { byId, make } from "../dom.ts";
import type { Place } from "../place.ts";
import { Bm25, documentOf } from "../bm25.ts";
import { inWords, promptOf, tokensIn, tokensPerSecond } from "./prompt-cost.ts";
import { racer, showScores, verdictOn } from "./race.ts";

/** Between two letters of a word. */
const PAUSE_MS = 120;
const SHOWN = 5;

export class TypingPanel {
  readonly #place: () => Place;
  readonly #panel = byId<HTMLDetailsElement>("typing");
  readonly #model = racer("This model", "one token a tool");
  readonly #search = racer("BM25", "counts shared words");
  readonly #verdict = make("p", { className: "quiet" });
  readonly #cost = make("p", { className: "quiet" });
  #toolgen?: Toolgen;
  #pause?: ReturnType<typeof setTimeout>;
  #reading?: AbortController;
  #index?: { names: string; bm25: Bm25 };
  /** Of the tools whose cost is shown. */
  #costOf = "";
  #perSecond?: Promise<number>;

  constructor(place: () => Place) {
    this.#place = place;
    this.#panel.append(
      make("summary", {}, "See the choice as you type"),
      make("div", { className: "race" }, this.#model.element, this.#search.element),
      this.#verdict,
      this.#cost,
    );
    this.#panel.addEventListener("toggle", () => void this.follow());
    byId("question").addEventListener("input", () => {
      clearTimeout(this.#pause);
      this.#reading?.abort();
      this.#pause = setTimeout(() => void this.follow(), PAUSE_MS);
    });
  }

  begin(toolgen: Toolgen): void {
    this.#toolgen = toolgen;
    void this.follow();
  }

  /** A question is asked, and has the model to itself. */
  rest(): void {
    clearTimeout(this.#pause);
    this.#reading?.abort();
  }

  /** Ranks for what is typed now. */
  async follow(): Promise<void> {
    const toolgen = this.#toolgen;
    if (!this.#panel.open) return;
    const text = byId<HTMLTextAreaElement>("question").value.trim();
    if (!toolgen) return void (this.#verdict.textContent = "The model is still on its way.");
    if (text === "") {
      this.#model.clear();
      this.#search.clear();
      this.#verdict.textContent = "Type a question above.";
      return this.#price(toolgen);
    }
    this.#reading?.abort();
    const { signal } = (this.#reading = new AbortController());
    try {
      await this.#race(toolgen, text, signal);
    } catch {
      if (!signal.aborted) this.#verdict.textContent = "This can't be ranked. Shorten it, or ask it as it is.";
    }
  }

  async #race(toolgen: Toolgen, text: string, signal: AbortSignal): Promise<void> {
    const { tools, names } = this.#among(toolgen);
    if (tools.length === 0) return void (this.#verdict.textContent = "The tools are still being read.");
    const find = (name: string) => tools.find((tool) => tool.name === name);
    let began = performance.now();
    for await (const event of toolgen.callEvents(text, { tools: names, topK: SHOWN, signal })) {
      if (event.type === "abstain") return this.#model.note("Not English, says the model.");
      if (event.type !== "ranking") continue;
      const ranked = rankedWithNone(event.tools, event.abstain, find, "No tool fits").slice(0, SHOWN);
      this.#model.show(ranked, performance.now() - began, (ranked) => {
        const list = showRanking(ranked);
        markChosen(list, ranked[0]!.name);
        return list;
      });
      const bm25 = this.#bm25(tools);
      began = performance.now();
      const scored = bm25.rank(text);
      this.#search.show(scored, performance.now() - began, (all) => showScores(all.slice(0, SHOWN), find));
      this.#verdict.textContent = verdictOn(event.tools[0], event.abstain, scored, find);
      return this.#price(toolgen);
    }
  }

  /** The place's tools that are registered; no names for all. */
  #among({ tools }: Toolgen): { tools: readonly Tool[]; names?: string[] } {
    const names = this.#place().tools();
    if (!names) return { tools };
    const here = new Set(names);
    const some = tools.filter(({ name }) => here.has(name));
    return { tools: some, names: some.map(({ name }) => name) };
  }

  /** Made again when tools come or go. */
  #bm25(tools: readonly Tool[]): Bm25 {
    const names = tools.map(({ name }) => name).join();
    if (this.#index?.names !== names) this.#index = { names, bm25: new Bm25(tools.map(documentOf)) };
    return this.#index.bm25;
  }

  /** Once for the same tools: it keeps the model busy for a moment. */
  async #price(toolgen: Toolgen): Promise<void> {
    const { tools } = this.#among(toolgen);
    const key = `${this.#place().name} ${tools.length}`;
    if (this.#costOf === key) return;
    this.#costOf = key;
    try {
      const tokens = await tokensIn(toolgen, promptOf(tools));
      this.#perSecond ??= tokensPerSecond(toolgen);
      this.#cost.textContent = inWords({ tools: tools.length, tokens, perSecond: await this.#perSecond });
    } catch {
      this.#cost.textContent = ""; // a figure that isn't there misleads nobody
    }
  }
}
