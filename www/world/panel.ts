/** The room on the page: its picture and what can be done with it. A place to ask in. */
import type { Toolgen } from "toolgen";
import { byId, make } from "../dom.ts";
import type { Carried, Place } from "../place.ts";
import type { Result } from "../result.ts";
import { levelList, questionChips, type Ask, type LevelList } from "./level-list.ts";
import { LEVELS } from "./levels.ts";
import { ownForm } from "./own-form.ts";
import { freeName, MOST_OWN, ownTool, type OwnTool } from "./own-tool.ts";
import { picture } from "./picture.ts";
import { Registering } from "./registering.ts";
import { toolSources } from "./sources.ts";
import { roomTools } from "./tools/index.ts";
import { describe } from "./words.ts";
import { World } from "./world.ts";

export class RoomPanel implements Place {
  readonly name = "room";
  readonly undoable = true;
  readonly #world = new World();
  readonly #tools = roomTools(this.#world);
  readonly #own = new Map<string, OwnTool>();
  readonly #registering: Registering;
  readonly #progress = make("p", { className: "progress", hidden: true });
  readonly #ask: Ask;
  /** Drawn when the room is first shown. */
  #levels?: LevelList;
  #toolgen?: Toolgen;

  constructor(ask: Ask) {
    this.#ask = ask;
    this.#registering = new Registering(this.#tools, (text) => {
      this.#progress.textContent = text;
      this.#progress.hidden = text === "";
    });
  }

  #draw(): LevelList {
    const now = make("p", { className: "now" });
    const undo = make("button", { type: "button", onclick: () => this.#undo() }, "Undo");
    const tell = () => {
      now.textContent = describe(this.#world.room);
      if (document.activeElement === undo && !this.#world.canUndo) byId("question").focus(); // it can't be pressed again
      undo.disabled = !this.#world.canUndo;
    };
    const drawing = picture(this.#world, () => {
      tell();
      byId("status").textContent = "The timer rings.";
    });
    this.#world.watch(tell);
    const caption = make("figcaption", { className: "beside quiet" }, make("div", {}, now, this.#progress), undo);
    byId("room").append(make("figure", {}, drawing, caption));
    const own = ownForm((tool) => this.add(tool));
    const levels = levelList(this.#ask, own);
    byId("room-more").append(make("h2", {}, "Try"), levels.element, toolSources());
    return levels;
  }

  /** The model is there. */
  begin(toolgen: Toolgen): void {
    this.#toolgen = toolgen;
    this.#registering.begin(toolgen);
  }

  /** Shows the room or puts it away. */
  show(isShown: boolean): void {
    byId("room").hidden = !isShown;
    byId("room-more").hidden = !isShown;
    if (!isShown) return;
    this.#levels ??= this.#draw();
    this.#registering.want();
  }

  prepare(tell: (text: string) => void): Promise<void> {
    return this.#registering.done(tell);
  }

  tools(): string[] {
    return [...this.#tools.map(({ name }) => name), ...this.#own.keys()];
  }

  carried(): Carried {
    return this.#own.size > 0 ? { own: [...this.#own.values()] } : {};
  }

  /** Registers a tool of the visitor and says how that went. */
  async add(own: OwnTool): Promise<string> {
    const toolgen = this.#toolgen;
    if (!toolgen) return "The model is still on its way. Add it again in a moment.";
    // The room's own come first, or they would take its place.
    await this.#registering.done(() => {});
    const name = freeName(own, this.#own);
    if (!this.#own.has(name) && toolgen.tools.some((tool) => tool.name === name))
      return "There is such a tool already. Describe another one.";
    if (!this.#own.has(name) && this.#own.size >= MOST_OWN) return "The room has no place for more tools.";
    const { conflicts } = await toolgen.register([ownTool(this.#world, name, own)]);
    this.#own.set(name, own);
    const mine = new Set(this.tools());
    const other = conflicts.flatMap(({ tools }) => tools).find((tool) => tool !== name && mine.has(tool));
    const warning = other === undefined ? "" : ` It reads much like ${other}, so the model may confuse them.`;
    return `Added as ${name}.${warning} Now ask for it in your own words.`;
  }

  /** Of what can be asked here. */
  examples(): HTMLElement {
    return questionChips(LEVELS[0]!, this.#ask);
  }

  #undo(): void {
    this.#world.undo();
    byId("status").textContent = describe(this.#world.room);
  }

  /** An answer came. */
  answered(result: Result): void {
    this.#levels?.answered(result, new Set(this.#own.keys()));
  }
}
