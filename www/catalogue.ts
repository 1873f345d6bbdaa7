/** The place of the catalogue's tools, and of those that are added to them. */
import type { Toolgen } from "toolgen";
import type { OwnTools } from "./own/tools.ts";
import type { Carried, Place } from "./place.ts";

export class Catalogue implements Place {
  readonly name = "catalogue";
  readonly undoable = false;
  readonly #elsewhere: () => readonly string[];
  #toolgen?: Toolgen;
  #shipped = new Set<string>();

  readonly #own: OwnTools;

  /** `elsewhere` has the names of tools that belong to another place. */
  constructor(elsewhere: () => readonly string[], own: OwnTools) {
    this.#elsewhere = elsewhere;
    this.#own = own;
  }

  begin(toolgen: Toolgen): void {
    this.#toolgen = toolgen;
    this.#shipped = new Set(toolgen.tools.map(({ name }) => name));
  }

  async prepare(): Promise<void> {}

  tools(): string[] | undefined {
    const { chosen } = this.#own;
    if (chosen) return chosen;
    const names = this.#toolgen?.tools.map(({ name }) => name) ?? [];
    const elsewhere = new Set(this.#elsewhere());
    const here = names.filter((name) => !elsewhere.has(name));
    return here.length < names.length ? here : undefined;
  }

  carried(): Carried {
    const elsewhere = new Set(this.#elsewhere());
    const isAdded = (name: string) => !this.#shipped.has(name) && !elsewhere.has(name);
    const tools = this.#toolgen?.tools.filter(({ name, http }) => http && isAdded(name)) ?? [];
    return tools.length > 0 ? { tools } : {};
  }
}
