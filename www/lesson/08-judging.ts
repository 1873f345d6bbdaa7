/** Judging. The figures: NDCG by hand on ten questions, and how methods fare as tools become more. */
import { make } from "../dom.ts";
import { draw } from "../svg.ts";
import { Bm25 } from "../bm25.ts";
import type { Chapter, Context, Figure, Opened } from "./chapter.ts";
import { count, share } from "./facts.ts";
import { judgements, type Judgement } from "./judgements.ts";
import { gain, ndcg } from "./ndcg.ts";
import { fill } from "./phrase.ts";
import { scrollable } from "./scrollable.ts";

const K = 5;
/** A guess may be off by so many points. */
const NEAR = 10;

export const judging: Chapter = { id: "judging", open };

function open({ words, data }: Context): Opened {
  const { figure, verdict } = words.chapters.judging;
  const ranks = ranksOf(data);
  return {
    figure: byHand(figure, data.questions, ranks),
    async check(model, [given = ""], signal) {
      const guess = Number(given.replace(/\s*%$/, "").replace(",", "."));
      if (!(guess >= 0 && guess <= 100)) return { passed: false, text: verdict.number };
      const models: (number | undefined)[] = [];
      for (const { query, tool } of data.questions) {
        const ranked = await model.retrieve(query, { topK: K, signal });
        models.push(
          rankIn(
            ranked.map(({ name }) => name),
            tool,
          ),
        );
      }
      const score = 100 * ndcg(models, K);
      const passed = Math.abs(guess - score) <= NEAR;
      const values = { score: score.toFixed(0), bm25: (100 * ndcg(ranks, K)).toFixed(0) };
      return { passed, text: fill(passed ? verdict.passed : verdict.failed, values) };
    },
  };
}

/** Of the right tools, as BM25 ranks the documents. */
function ranksOf({ documents, questions }: Context["data"]): (number | undefined)[] {
  const bm25 = new Bm25(documents);
  return questions.map(({ query, tool }) =>
    rankIn(
      bm25.rank(query).map(({ name }) => name),
      tool,
    ),
  );
}

function rankIn(names: readonly string[], tool: string): number | undefined {
  const index = names.indexOf(tool);
  return index < 0 ? undefined : index + 1;
}

type FigureWords = Context["words"]["chapters"]["judging"]["figure"];

function byHand(words: FigureWords, questions: Context["data"]["questions"], ranked: (number | undefined)[]): Figure {
  const ranks = [...ranked];
  const mean = make("p", { role: "status", className: "mean" });
  const rows = questions.map(({ query, tool }, i) => {
    const counts = make("td");
    const options = [1, 2, 3, 4, 5].map((rank) => make("option", { value: String(rank) }, String(rank)));
    const choice = make("select", {}, ...options, make("option", { value: "" }, words.beyond));
    choice.ariaLabel = fill(words.rank, { question: query });
    const rank = ranks[i];
    choice.value = rank !== undefined && rank <= K ? String(rank) : "";
    const update = () => {
      ranks[i] = choice.value === "" ? undefined : Number(choice.value);
      counts.textContent = gain(ranks[i], K).toFixed(2);
      mean.textContent = fill(words.mean, { score: share(ndcg(ranks, K)) });
    };
    choice.addEventListener("change", update);
    update();
    const name = make("code", {}, tool.replaceAll("_", "_\u200b")); // may break there
    return make("tr", {}, make("td", {}, query, make("br"), name), make("td", {}, choice), counts);
  });
  const heads = words.columns.map((column) => make("th", { scope: "col" }, column));
  const caption = make("caption", {}, words.questions);
  const table = make(
    "table",
    { className: "by-hand" },
    caption,
    make("thead", {}, make("tr", {}, ...heads)),
    make("tbody", {}, ...rows),
  );
  const hand = scrollable(words.questions, questions.length > 0 ? table : words.missing, mean);
  const sizes = chart(words, judgements);
  return {
    element: make("div", {}, hand, sizes),
    show(idea) {
      hand.hidden = idea === 3 || idea === 4;
      sizes.hidden = !hand.hidden;
    },
  };
}

const [LEFT, TOP, WIDTH, HEIGHT] = [54, 14, 500, 230];

/** The number of tools on a logarithmic axis: each step to the right is ten times as many. */
function chart(words: FigureWords, all: readonly Judgement[]): HTMLElement {
  const x = (tools: number) => LEFT + (WIDTH * (Math.log10(tools) - 0.5)) / 4.5;
  const y = (score: number) => TOP + HEIGHT * (1 - score);
  const grid = [0, 0.25, 0.5, 0.75, 1].flatMap((score) => [
    draw("path", { class: "axis", d: `M${LEFT},${y(score)} h${WIDTH}` }),
    draw("text", { x: LEFT - 8, y: y(score) + 4, "text-anchor": "end" }, `${100 * score} %`),
  ]);
  const ticks = [10, 100, 1000, 10_000].map((tools) =>
    draw("text", { x: x(tools), y: TOP + HEIGHT + 20, "text-anchor": "middle" }, count(tools)),
  );
  const axis = draw("text", { x: LEFT + WIDTH, y: TOP + HEIGHT + 40, "text-anchor": "end" }, words.axis);
  const points = all.map(({ set, method, tools, "ndcg@1": score }) => {
    const said = fill(words.point, { method, set, tools: count(tools), score: share(score) });
    const point = pointOf(method, x(tools), y(score), 7);
    point.append(draw("title", {}, said));
    return point;
  });
  const picture = draw(
    "svg",
    { viewBox: `0 0 ${LEFT + WIDTH + 12} ${TOP + HEIGHT + 48}`, class: "sizes", "aria-hidden": "true" },
    ...grid,
    ...ticks,
    axis,
    ...points,
  );
  const methods = [...new Set(all.map(({ method }) => method))];
  const sets = [...new Set(all.map(({ set }) => set))];
  const sizes = sets
    .map((set) => [set, all.filter((it) => it.set === set)] as const)
    .map(([set, judged]) =>
      make(
        "tr",
        {},
        make("th", { scope: "row" }, `${set} (${count(judged[0]!.tools)})`),
        ...methods.map((method) => {
          const found = judged.find((one) => one.method === method);
          return make("td", {}, found ? `${share(found["ndcg@1"])}\u00a0%` : "–");
        }),
      ),
    );
  const heads = methods.map((method) => make("th", { scope: "col" }, legend(method), method));
  const table = make(
    "table",
    {},
    make("thead", {}, make("tr", {}, make("th", { scope: "col" }, words.set), ...heads)),
    make("tbody", {}, ...sizes),
  );
  return make("figure", {}, make("figcaption", {}, words.chart), scrollable(words.chart, picture), table);
}

function legend(method: string): Node {
  return draw("svg", { viewBox: "0 0 14 14", class: "legend", "aria-hidden": "true" }, pointOf(method, 7, 7, 5.5));
}

/** A shape for each method, so that colour isn't needed to tell them apart. */
function pointOf(method: string, x: number, y: number, size: number): SVGElement {
  const of = { class: method.toLowerCase() };
  if (method !== "MiniLM") return draw("circle", { ...of, cx: x, cy: y, r: size });
  return draw("rect", { ...of, x: x - 0.8 * size, y: y - 0.8 * size, width: 1.6 * size, height: 1.6 * size });
}
