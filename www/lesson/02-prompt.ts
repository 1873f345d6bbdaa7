/** Why tools in the prompt don't scale. The figure: what so many definitions would take. */
import type { Toolgen } from "toolgen";
import { make } from "../dom.ts";
import { draw } from "../svg.ts";
import type { Chapter, Context, Figure, Opened } from "./chapter.ts";
import { count, promptTokens } from "./facts.ts";
import { fill } from "./phrase.ts";

const FEW = 10;
/** Of the paper: ToolBench's. */
const MOST = 47_000;
/** A guess may be off by this much. */
const NEAR = 0.05;

export const prompt: Chapter = { id: "prompt", open };

function open({ words, data: { measured } }: Context): Opened {
  const { figure, verdict } = words.chapters.prompt;
  return {
    figure: slider(figure, measured),
    async check(model, [question = "", guess = ""], signal) {
      const some = model.tools.slice(0, FEW).map(({ name }) => name);
      const few = await tokensRead(model, question, signal, some);
      const all = await tokensRead(model, question, signal);
      const isRight = Math.abs(Number(guess.replace(",", ".")) - all / few) <= NEAR;
      const values = { few, all, prompt: count(promptTokens(model.tools.length, measured)) };
      return { passed: isRight, text: fill(isRight ? verdict.passed : verdict.failed, values) };
    },
  };
}

/** Until the tool is chosen. */
async function tokensRead(model: Toolgen, question: string, signal: AbortSignal, tools?: string[]): Promise<number> {
  let read = 0;
  for await (const event of model.callEvents(question, { tools, signal })) {
    if (event.type === "prefill") read = event.total;
    else break;
  }
  return read;
}

type Measured = Context["data"]["measured"];

function slider(words: Context["words"]["chapters"]["prompt"]["figure"], measured: Measured): Figure {
  const input = make("input", { type: "range", id: "prompt-tools", min: "0", max: "1000", value: "340" });
  const label = make("label", { htmlFor: input.id }, words.tools);
  const amount = make("output", { className: "amount" });
  const tokens = make("p");
  const fits = make("p", { className: "quiet" });
  const window = draw("rect", { class: "window", x: 0, y: 2, width: 100, height: 12, rx: 1 });
  const taken = draw("rect", { class: "taken", x: 0, y: 2, height: 12, rx: 1 });
  const picture = draw("svg", { viewBox: "0 0 400 16", class: "budget", "aria-hidden": "true" }, taken, window);
  const update = () => {
    const tools = Math.round(MOST ** (Number(input.value) / 1000));
    const needed = promptTokens(tools, measured);
    const share = needed / measured.context;
    const context = count(measured.context);
    amount.textContent = count(tools);
    input.setAttribute("aria-valuetext", count(tools));
    tokens.textContent = fill(words.tokens, { tokens: count(needed) });
    fits.textContent =
      share <= 1
        ? fill(words.fits, { context })
        : fill(words.full, { times: share < 10 ? share.toFixed(1) : count(Math.round(share)) });
    taken.setAttribute("width", String(Math.min(400, Math.max(1, 100 * share))));
    picture.classList.toggle("full", share > 1);
  };
  input.addEventListener("input", update);
  update();
  const marks = [
    [FEW, words.marks.ten],
    [measured.tools, words.marks.page],
    [MOST, words.marks.paper],
  ] as const;
  const buttons = marks.map(([tools, text]) =>
    make("button", {
      type: "button",
      textContent: text,
      onclick: () => {
        input.value = String((1000 * Math.log(tools)) / Math.log(MOST));
        update();
      },
    }),
  );
  const rows = make("p", { className: "quiet" }, words.rows);
  return {
    element: make(
      "div",
      { className: "prompt-figure" },
      label,
      amount,
      input,
      make("div", { className: "row" }, ...buttons),
      picture,
      tokens,
      fits,
      rows,
    ),
    show: (idea) => (rows.hidden = idea < 5),
  };
}
