/** Stage 2: retrieval training. The figure: three rows that learn, and their loss. */
import { make } from "../dom.ts";
import { draw } from "../svg.ts";
import { percent } from "../words/format.ts";
import type { Chapter, Context, Figure, Opened } from "./chapter.ts";
import { fill } from "./phrase.ts";
import { loss, questions, step, untrained, type Vector } from "./regression.ts";

const MANY = 50;

export const retrieval: Chapter = { id: "retrieval", open };

function open({ words }: Context): Opened {
  const { figure, verdict } = words.chapters.retrieval;
  return {
    figure: training(figure),
    async check(model, [given = "", first = "", second = "", test = ""], signal) {
      const tool = given.toLowerCase().replaceAll(" ", "_");
      if (!model.tools.some(({ name }) => name === tool)) return { passed: false, text: verdict.unknown };
      const topK = model.tools.length;
      const probability = async () => {
        const ranked = await model.retrieve(test, { topK, signal });
        return ranked.find(({ name }) => name === tool)?.probability ?? 0;
      };
      const before = await probability();
      await model.teach(
        [first, second].map((query) => ({ query, tool })),
        { signal },
      );
      const after = await probability();
      const values = {
        tool,
        before: percent(before),
        after: percent(after),
        lossBefore: lossOf(before),
        lossAfter: lossOf(after),
      };
      return { passed: after > before, text: fill(after > before ? verdict.passed : verdict.failed, values) };
    },
  };
}

function lossOf(probability: number): string {
  return (-Math.log(Math.max(probability, 1e-9))).toFixed(2);
}

function training(words: Context["words"]["chapters"]["retrieval"]["figure"]): Figure {
  let rows: Vector[] = untrained;
  let losses = [loss(rows, questions)];
  const plane = draw("svg", { viewBox: "-150 -140 300 280", class: "plane", role: "img", "aria-label": words.rows });
  const curve = draw("svg", { viewBox: "0 0 320 110", class: "curve", role: "img" });
  const says = make("p", { role: "status" });
  const update = () => {
    plane.replaceChildren(...points(), ...rows.flatMap(arrow));
    curve.replaceChildren(...line(losses));
    says.textContent = fill(words.loss, { loss: losses.at(-1)!.toFixed(2), steps: losses.length - 1 });
    curve.setAttribute("aria-label", `${words.curve}: ${says.textContent}`);
  };
  const go = (steps: number) => {
    for (let i = 0; i < steps; i++) {
      rows = step(rows, questions);
      losses.push(loss(rows, questions));
    }
    update();
  };
  const reset = () => {
    rows = untrained;
    losses = [loss(rows, questions)];
    update();
  };
  const button = (text: string, onclick: () => void) => make("button", { type: "button", onclick }, text);
  const buttons = [button(words.step, () => go(1)), button(words.many, () => go(MANY)), button(words.reset, reset)];
  update();
  return {
    element: make(
      "div",
      { className: "training" },
      plane,
      make("div", { className: "row" }, ...buttons),
      says,
      curve,
      make("p", { className: "quiet" }, words.drawn),
    ),
    show() {},
  };
}

const UNIT = 95;

/** A shape for each tool, so that colour isn't needed to tell them apart. */
function points(): SVGElement[] {
  return questions.map(({ state: [x, y], tool }) => {
    const [cx, cy] = [UNIT * x, -UNIT * y];
    const of = { class: `question tool-${tool}` };
    if (tool === 0) return draw("circle", { ...of, cx, cy, r: 5.5 });
    if (tool === 1) return draw("rect", { ...of, x: cx - 5, y: cy - 5, width: 10, height: 10 });
    return draw("path", { ...of, d: `M${cx},${cy - 6.5} l6.5,11.5 h-13 z` });
  });
}

/** A row from the middle, cut at the border. */
function arrow([x, y]: Vector, tool: number): SVGElement[] {
  const length = Math.hypot(x, y);
  const shown = Math.min(1, 1.5 / length);
  const [tx, ty] = [UNIT * x * shown, -UNIT * y * shown];
  const angle = (180 / Math.PI) * Math.atan2(ty, tx);
  const head = draw("path", { d: "M0,0 l-14,-7 v14 z", transform: `translate(${tx},${ty}) rotate(${angle})` });
  return [draw("g", { class: `row-arrow tool-${tool}` }, draw("line", { x1: 0, y1: 0, x2: tx, y2: ty }), head)];
}

function line(losses: readonly number[]): SVGElement[] {
  const [left, bottom, width, height] = [30, 92, 280, 80];
  const most = Math.max(1.2, ...losses);
  const steps = Math.max(MANY, losses.length - 1);
  const at = (value: number, i: number) =>
    `${left + (width * i) / steps},${(bottom - (height * value) / most).toFixed(1)}`;
  const axes = draw("path", { class: "axis", d: `M${left},${bottom - height} V${bottom} H${left + width}` });
  const labels = [
    draw("text", { x: left - 6, y: bottom + 4, "text-anchor": "end" }, "0"),
    draw("text", { x: left - 6, y: bottom - height + 8, "text-anchor": "end" }, most.toFixed(1)),
    draw("text", { x: left + width, y: bottom + 15, "text-anchor": "end" }, String(steps)),
  ];
  const last = at(losses.at(-1)!, losses.length - 1).split(",");
  const path = draw("polyline", { points: losses.map(at).join(" ") });
  return [axes, ...labels, path, draw("circle", { cx: last[0]!, cy: last[1]!, r: 4 })];
}
