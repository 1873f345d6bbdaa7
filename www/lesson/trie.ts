/** Five tools as sequences of tokens under each indexing, and the trie that such sequences make. */
import { draw } from "../svg.ts";

export const TOOLS = ["weather_now", "weather_forecast", "convert_length", "convert_weight", "flip_coin"];

type Sequences = readonly (readonly string[])[];

const atomic: Sequences = TOOLS.map((name) => [`<${name}>`]);
/** Of the tools' numbers among some hundreds. */
const numeric: Sequences = [
  ["0", "0", "0"],
  ["0", "0", "1"],
  ["0", "5", "1"],
  ["0", "5", "2"],
  ["0", "9", "0"],
];
/** A cluster of weather, one of units, one of chance. */
const hierarchical: Sequences = [
  ["A", "a"],
  ["A", "b"],
  ["B", "a"],
  ["B", "b"],
  ["C", "a"],
];
const semantic: Sequences = TOOLS.map((name) => name.split("_"));

/** In the order of the lesson. */
export const sequences: readonly Sequences[] = [atomic, numeric, hierarchical, semantic];

interface Node {
  label: string;
  children: Node[];
  /** The tools below. */
  tools: number[];
}

export function trieOf(sequences: Sequences): Node {
  const root: Node = { label: "", children: [], tools: [] };
  for (const [tool, sequence] of sequences.entries()) {
    let at = root;
    at.tools.push(tool);
    for (const label of sequence) {
      let next = at.children.find((child) => child.label === label);
      if (!next) at.children.push((next = { label, children: [], tools: [] }));
      next.tools.push(tool);
      at = next;
    }
  }
  return root;
}

const [WIDTH, LINE, LEFT] = [560, 46, 12];

/** From left to right; the way to one tool stands out. */
export function drawTrie(sequences: Sequences, chosen: number, start: string): SVGSVGElement {
  const depth = Math.max(...sequences.map(({ length }) => length));
  const column = (WIDTH - 2 * LEFT) / (depth + 0.9);
  const height = LINE * sequences.length;
  const edges: SVGElement[] = [];
  const nodes: SVGElement[] = [];
  const place = (node: Node, level: number): number => {
    const own = { x: LEFT + column * (level - (level > 0 ? 0.45 : 0)), y: 0 };
    const below = node.children.map((child) => ({ child, y: place(child, level + 1) }));
    own.y = below.length > 0 ? below.reduce((sum, { y }) => sum + y, 0) / below.length : LINE * (node.tools[0]! + 0.5);
    const label = node.label || start;
    const width = 18 + 8.2 * label.length;
    for (const { child, y } of below) {
      const to = LEFT + column * (level + 0.55);
      const middle = (own.x + width + to) / 2;
      const path = `M${own.x + width},${own.y} C${middle},${own.y} ${middle},${y} ${to},${y}`;
      edges.push(draw("path", { class: onWay(child), d: path }));
    }
    const box = draw("rect", { x: own.x, y: own.y - 15, width, height: 30, rx: 8 });
    const text = draw("text", { x: own.x + width / 2, y: own.y + 5, "text-anchor": "middle" }, label);
    nodes.push(draw("g", { class: onWay(node) }, box, text));
    return own.y;
  };
  const onWay = ({ tools }: Node) => (tools.includes(chosen) ? "edge way" : "edge");
  place(trieOf(sequences), 0);
  const said = `${TOOLS[chosen]}: ${sequences[chosen]!.join(" → ")}`;
  const ordered = [...edges, ...nodes].sort((a, b) => Number(a.matches(".way")) - Number(b.matches(".way")));
  return draw("svg", { viewBox: `0 0 ${WIDTH} ${height}`, class: "trie", role: "img", "aria-label": said }, ...ordered);
}
