/** The map of the tools' rows: to search, to zoom, and to walk through by the arrow keys. */
import { make } from "../dom.ts";
import { matcher } from "../search.ts";
import { draw } from "../svg.ts";
import { wordsOf } from "../words/humanise.ts";
import { nextPoint, type Direction, type MappedTool, type Point } from "./points.ts";

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
const FULL = 2.16 * SCALE;
const MOST_ZOOM = 12;
/** From here on all names are written. */
const CLOSE = 4;

export class ToolMap {
  readonly element: HTMLElement;
  readonly #words: MapWords;
  readonly #tools: MappedTool[];
  readonly #points: SVGGElement[];
  readonly #marks = draw("g");
  readonly #picture: SVGSVGElement;
  readonly #says: HTMLElement;
  #zoom = 1;
  #center: Point = { x: 0, y: 0 };
  #selected?: number;

  constructor(tools: MappedTool[], words: MapWords) {
    this.#tools = tools;
    this.#words = words;
    this.#points = tools.map((tool, i) => this.#point(tool, i));
    const attributes = { class: "map", role: "application", tabindex: 0, "aria-label": words.label };
    this.#picture = draw("svg", attributes, ...this.#points, this.#marks);
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
    this.#view();
  }

  /** Marks a place that is no tool's: a question, or a row that was just made. */
  mark(text: string, { x, y }: Point): void {
    const [at, to] = [x * SCALE, y * SCALE];
    const ring = draw("circle", { class: "ring", cx: at, cy: to });
    const label = draw("text", { x: at, y: to, dy: "-1em", "text-anchor": "middle" }, text);
    this.#marks.replaceChildren(draw("g", { class: "mark" }, ring, label));
    this.#center = { x, y };
    this.#zoom = Math.max(this.#zoom, 2);
    this.#view();
  }

  select(index: number): void {
    this.#selected = index;
    const { name, near } = this.#tools[index]!;
    for (const [i, point] of this.#points.entries()) {
      point.classList.toggle("selected", i === index);
      point.classList.toggle("neighbour", near.includes(i));
    }
    const names = near.map((i) => wordsOf(this.#tools[i]!.name)).join(", ");
    this.#says.replaceChildren(make("strong", {}, wordsOf(name)), ". ", this.#words.near.replace("{names}", names));
    const { x, y } = this.#tools[index]!;
    if (Math.max(Math.abs(x - this.#center.x), Math.abs(y - this.#center.y)) > 0.9 / this.#zoom)
      this.#center = { x, y };
    this.#view();
  }

  #point({ name, x, y }: MappedTool, index: number): SVGGElement {
    const circle = draw("circle", { cx: x * SCALE, cy: y * SCALE, r: 6 });
    const label = draw("text", { x: x * SCALE, y: y * SCALE, dy: "-0.6em", "text-anchor": "middle" }, wordsOf(name));
    const point = draw("g", { class: "point" }, draw("title", {}, wordsOf(name)), circle, label);
    point.addEventListener("click", () => this.select(index));
    return point;
  }

  #find(search: string): void {
    const fits = matcher(search);
    const found = this.#tools.map(({ name }) => search.trim() !== "" && fits(wordsOf(name)));
    for (const [i, point] of this.#points.entries()) point.classList.toggle("found", found[i]);
    this.#picture.classList.toggle("searching", search.trim() !== "");
    const count = found.filter(Boolean).length;
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
      const unit = 2.16 / this.#zoom / this.#picture.clientWidth;
      const { x, y } = this.#center;
      this.#center = { x: x - (event.clientX - from.clientX) * unit, y: y - (event.clientY - from.clientY) * unit };
      from = event;
      this.#view();
    });
  }

  #view(): void {
    const size = FULL / this.#zoom;
    const [x, y] = [this.#center.x * SCALE - size / 2, this.#center.y * SCALE - size / 2];
    this.#picture.setAttribute("viewBox", `${x} ${y} ${size} ${size}`);
    // So that points and names keep their size on the screen.
    this.#picture.style.setProperty("--unit", String(size / FULL));
    this.#picture.classList.toggle("close", this.#zoom >= CLOSE);
    this.#picture.classList.toggle("zoomed", this.#zoom > 1);
  }
}
