/** The room on the page: its picture and what can be done with it. A place to ask in. */
import type { Toolgen } from "toolgen";
import { byId, make } from "../dom.ts";
import type { Carried, Place } from "../place.ts";
import type { Result } from "../result.ts";
import { levelList } from "./level-list.ts";
import { ownForm } from "./own-form.ts";
import { MOST_OWN, nameOf, ownTool, type OwnTool } from "./own-tool.ts";
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
  readonly #levels;
  #toolgen?: Toolgen;

  constructor(ask: (question: string) => void) {
    const caption = make("figcaption", { className: "quiet" });
    const undo = make("button", { type: "button", onclick: () => this.#world.undo() }, "Undo");
    const drawing = picture(this.#world, () => (byId("status").textContent = "The timer rings."));
    this.#world.watch((room) => {
      caption.textContent = describe(room);
      undo.disabled = !this.#world.canUndo;
    });
    const progress = make("p", { className: "quiet progress", hidden: true });
    this.#registering = new Registering(this.#tools, (text) => {
      progress.textContent = text;
      progress.hidden = text === "";
    });
    byId("room").append(make("figure", {}, drawing, make("div", { className: "beside" }, caption, undo)), progress);
    this.#levels = levelList(
      ask,
      ownForm((tool) => this.add(tool)),
    );
    byId("room-more").append(make("h2", {}, "Try"), this.#levels.element, toolSources());
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
    if (isShown) this.#registering.want();
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
    const name = nameOf(own.description);
    if (!this.#toolgen) return "The model is still on its way. Add it again in a moment.";
    if (!this.#own.has(name) && this.#toolgen.tools.some((tool) => tool.name === name))
      return "There is such a tool already. Describe another one.";
    if (this.#own.size >= MOST_OWN) return "The room has no place for more tools.";
    await this.#registering.done(() => {});
    const { conflicts } = await this.#toolgen.register([ownTool(this.#world, own)]);
    this.#own.set(name, own);
    const mine = new Set(this.tools());
    const other = conflicts.flatMap(({ tools }) => tools).find((tool) => tool !== name && mine.has(tool));
    const warning = other === undefined ? "" : ` It reads much like ${other}, so the model may confuse them.`;
    return `Added as ${name}.${warning} Now ask for it in your own words.`;
  }

  /** An answer came. */
  answered(result: Result): void {
    this.#levels.answered(result, new Set(this.#own.keys()));
  }
}
