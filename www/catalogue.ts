/** The place of the catalogue's tools, and of those that are added to them. */
import type { Toolgen } from "toolgen";
import type { Place } from "./place.ts";

export class Catalogue implements Place {
  readonly name = "catalogue";
  readonly undoable = false;
  readonly #elsewhere: () => readonly string[];
  #toolgen?: Toolgen;

  /** `elsewhere` has the names of tools that belong to another place. */
  constructor(elsewhere: () => readonly string[]) {
    this.#elsewhere = elsewhere;
  }

  begin(toolgen: Toolgen): void {
    this.#toolgen = toolgen;
  }

  async prepare(): Promise<void> {}

  tools(): string[] | undefined {
    const names = this.#toolgen?.tools.map(({ name }) => name) ?? [];
    const elsewhere = new Set(this.#elsewhere());
    const here = names.filter((name) => !elsewhere.has(name));
    return here.length < names.length ? here : undefined;
  }
}
