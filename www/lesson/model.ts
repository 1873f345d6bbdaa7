/** The model of the tasks. It is fetched when the first task is looked at, so that who only reads fetches nothing. */
import { load, type Toolgen } from "toolgen";
import { fileSizes, modelFiles } from "../model/files.ts";
import { Tally } from "../model/tally.ts";
import { beforehand, underway } from "../model/words.ts";
import { functions } from "../tools/index.ts";

export type Watch = (progress: string) => void;

export class LessonModel {
  /** Resolves with the first that is loaded. */
  readonly loaded: Promise<Toolgen>;
  #isLoaded!: (toolgen: Toolgen) => void;
  #loading?: Promise<Toolgen>;
  #progress = "";
  readonly #watching = new Set<Watch>();

  constructor() {
    this.loaded = new Promise((resolve) => (this.#isLoaded = resolve));
  }

  /** Begins to load; after a failure once more, from where that one broke. */
  get(watch?: Watch): Promise<Toolgen> {
    if (watch) {
      this.#watching.add(watch);
      if (this.#progress) watch(this.#progress);
    }
    this.#loading ??= this.#load();
    return this.#loading.finally(() => watch && this.#watching.delete(watch));
  }

  async #load(): Promise<Toolgen> {
    const tally = new Tally();
    const say = (progress: string) => {
      this.#progress = progress;
      for (const watch of this.#watching) watch(progress);
    };
    void fileSizes().then((sizes) => {
      tally.expect(sizes);
      if (tally.total.loaded === 0) say(beforehand(tally.total.total, undefined));
    });
    const timer = setInterval(() => tally.total.loaded > 0 && say(underway(tally.total)), 500);
    try {
      const toolgen = await load({
        ...(await modelFiles(isSecureContext, (progress) => tally.add(progress))),
        functions,
      });
      this.#isLoaded(toolgen);
      return toolgen;
    } catch (error) {
      this.#loading = undefined;
      throw error;
    } finally {
      clearInterval(timer);
    }
  }
}
