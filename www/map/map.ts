/** The map of the tools' rows: to search, to zoom, and to walk through by the arrow keys. */
import { make } from "../dom.ts";
import { matcher } from "../search.ts";
import { draw } from "../svg.ts";
import { wordsOf } from "../words/humanise.ts";
import { EDGE, nextPoint, uncovered, type Direction, type MappedTool, type Point } from "./points.ts";

export interface MapWords {
  search: string;
  placeholder: string;
  found: string;
  foundOne: string;
  nothing: string;
  near: string;
  zoomIn: string;
  zoomOut: string;
  label: string;
}

/** Of the drawing; points lie within -1 and 1. */
const SCALE = 500;
const FULL = 2 * EDGE * SCALE;
const MOST_ZOOM = 12;
/** More names than these of what was found would cover each other. */
const MOST_NAMES = 15;
/** Of a letter, in pixels. */
const LETTER = 6.2;

export class ToolMap {
  readonly element: HTMLElement;
  readonly #words: MapWords;
  readonly #tools: MappedTool[];
  readonly #circles: SVGCircleElement[];
  readonly #names: SVGTextElement[];
  readonly #way = draw("g", { class: "way" });
  readonly #marks = draw("g");
  readonly #marked = new Map<string, SVGGElement>();
  readonly #picture: SVGSVGElement;
  readonly #says: HTMLElement;
  #zoom = 1;
  /** What a pixel was when names were chosen. */
  #namedAt = 0;
  #center: Point = { x: 0, y: 0 };
  #selected?: number;

  constructor(tools: MappedTool[], words: MapWords) {
    this.#tools = tools;
    this.#words = words;
    this.#circles = tools.map((tool, i) => this.#circle(tool, i));
    this.#names = tools.map(({ name, x, y }) => nameAt(wordsOf(name), { x, y }));
    const attributes = { class: "map", role: "application", tabindex: 0, "aria-label": words.label };
    this.#picture = draw("svg", attributes, ...this.#circles, ...this.#names, this.#way, this.#marks);
    this.#says = make("p", { role: "status", className: "map-says" }, words.nothing);
    const search = make("input", { type: "search", id: "map-search", placeholder: words.placeholder });
    search.addEventListener("input", () => this.#find(search.value));
    const zoom = (label: string, sign: string, by: number) =>
      make("button", { type: "button", ariaLabel: label, title: label, onclick: () => this.#zoomBy(by) }, sign);
    this.element = make(
      "div",
      { className: "map-figure" },
      make("label", { htmlFor: search.id }, words.search),
      make("div", { className: "ask" }, search, zoom(words.zoomOut, "−", 0.5), zoom(words.zoomIn, "+", 2)),
      this.#picture,
      this.#says,
    );
    this.#picture.addEventListener("keydown", (event) => this.#key(event));
    this.#follow();
    new ResizeObserver(() => this.#view()).observe(this.#picture);
  }

  /** Marks a place that is no tool's: a question, or a row that was just made. One mark for each text. */
  mark(text: string, { x, y }: Point): void {
    const middle = { x: 0, y: 0 };
    const mark =
      this.#marked.get(text) ?? draw("g", { class: "mark" }, draw("circle", { class: "ring" }), nameAt(text, middle));
    // So that it moves there.
    mark.style.transform = `translate(${x * SCALE}px, ${y * SCALE}px)`;
    this.#marked.set(text, mark);
    this.#marks.append(mark);
    this.#show({ x, y });
  }

  unmark(text: string): void {
    this.#marked.get(text)?.remove();
    this.#marked.delete(text);
  }

  /** Draws the way between two marks, with a sign at each flip; a point that is missing is a gap. Nothing takes it away. */
  path(way?: { points: readonly (Point | undefined)[]; flips: readonly Point[] }): void {
    const { points = [], flips = [] } = way ?? {};
    const steps = points.map((point, i) => {
      if (!point) return "";
      return `${points[i - 1] ? "L" : "M"}${point.x * SCALE},${point.y * SCALE}`;
    });
    const signs = flips.map(({ x, y }) => draw("circle", { class: "flip", cx: x * SCALE, cy: y * SCALE }));
    this.#way.replaceChildren(draw("path", { d: steps.join("") }), ...signs);
  }

  select(index: number): void {
    this.#selected = index;
    const { name, near } = this.#tools[index]!;
    for (const [i, circle] of this.#circles.entries()) {
      circle.classList.toggle("neighbour", near.includes(i));
      for (const part of [circle, this.#names[i]!]) part.classList.toggle("selected", i === index);
    }
    const names = near.map((i) => wordsOf(this.#tools[i]!.name)).join(", ");
    this.#says.replaceChildren(make("strong", {}, wordsOf(name)), ". ", this.#words.near.replace("{names}", names));
    this.#show(this.#tools[index]!);
    this.element.dispatchEvent(new Event("select-tool"));
  }

  /** The name of the chosen tool; an event, `select-tool`, says that it is another one. */
  get selected(): string | undefined {
    return this.#selected === undefined ? undefined : this.#tools[this.#selected]!.name;
  }

  /** Brings a place into sight. */
  #show({ x, y }: Point): void {
    const away = Math.max(Math.abs(x - this.#center.x), Math.abs(y - this.#center.y));
    if (away > 0.9 / this.#zoom) this.#center = { x, y };
    this.#view();
  }

  #circle({ name, x, y }: MappedTool, index: number): SVGCircleElement {
    const circle = draw("circle", { cx: x * SCALE, cy: y * SCALE, r: 6 }, draw("title", {}, wordsOf(name)));
    circle.addEventListener("click", () => this.select(index));
    return circle;
  }

  #find(search: string): void {
    const fits = matcher(search);
    const found = this.#tools.map(({ name }) => search.trim() !== "" && fits(wordsOf(name)));
    this.#picture.classList.toggle("searching", search.trim() !== "");
    const count = found.filter(Boolean).length;
    for (const [i, circle] of this.#circles.entries()) {
      circle.classList.toggle("found", found[i]);
      this.#names[i]!.classList.toggle("found", found[i] && count <= MOST_NAMES);
    }
    const { foundOne, found: many, nothing } = this.#words;
    this.#says.textContent =
      search.trim() === "" ? nothing : count === 1 ? foundOne : many.replace("{count}", String(count));
    if (count === 1) this.select(found.indexOf(true));
  }

  #key(event: KeyboardEvent): void {
    const { key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (key === "+" || key === "=") this.#zoomBy(2);
    else if (key === "-") this.#zoomBy(0.5);
    else if (key === "Escape") this.#picture.blur();
    else if (key.startsWith("Arrow")) {
      const next = this.#selected === undefined ? 0 : nextPoint(this.#tools, this.#selected, key as Direction);
      if (next !== undefined) this.select(next);
    } else return;
    event.preventDefault();
  }

  #zoomBy(factor: number): void {
    this.#zoom = Math.min(MOST_ZOOM, Math.max(1, this.#zoom * factor));
    if (this.#zoom === 1) this.#center = { x: 0, y: 0 };
    else if (this.#selected !== undefined) this.#center = this.#tools[this.#selected]!;
    this.#view();
  }

  /** A drawn-near map is moved by dragging it. */
  #follow(): void {
    let from: PointerEvent | undefined;
    this.#picture.addEventListener("pointerdown", (event) => (from = event));
    this.#picture.addEventListener("pointermove", (event) => {
      if (!from || this.#zoom === 1 || event.buttons === 0) return;
      const unit = this.#unit / SCALE;
      const { x, y } = this.#center;
      this.#center = { x: x - (event.clientX - from.clientX) * unit, y: y - (event.clientY - from.clientY) * unit };
      from = event;
      this.#view();
    });
  }

  /** Of the drawing, what a pixel is. */
  get #unit(): number {
    const { clientWidth, clientHeight } = this.#picture;
    return FULL / this.#zoom / Math.max(1, Math.min(clientWidth, clientHeight));
  }

  #view(): void {
    const size = FULL / this.#zoom;
    const unit = this.#unit;
    this.#picture.setAttribute(
      "viewBox",
      `${this.#center.x * SCALE - size / 2} ${this.#center.y * SCALE - size / 2} ${size} ${size}`,
    );
    this.#picture.classList.toggle("zoomed", this.#zoom > 1);
    if (unit === this.#namedAt) return;
    this.#namedAt = unit;
    // So that points and names keep their size on the screen.
    this.#picture.style.setProperty("--unit", String(unit));
    const named = uncovered(this.#tools, wordsOf, (LETTER * unit) / SCALE);
    for (const [i, name] of this.#names.entries()) name.classList.toggle("named", named.has(i));
  }
}

function nameAt(text: string, { x, y }: Point): SVGTextElement {
  return draw("text", { x: x * SCALE, y: y * SCALE, dy: "-0.7em", "text-anchor": "middle" }, text);
}
