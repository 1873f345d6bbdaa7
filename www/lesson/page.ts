/** The lesson on its page: one idea more at each step, the figure beside it, the place in the address. */
import { byId, make } from "../dom.ts";
import type { Chapter, Context, Opened } from "./chapter.ts";
import { listen, type Step } from "./keys.ts";
import { fill, phrase } from "./phrase.ts";
import { addressOf, moved, placeIn, type Outline, type Place } from "./place.ts";
import { TryThis } from "./try-this.ts";

interface Shown extends Opened {
  task: TryThis;
}

export class Lesson {
  readonly #chapters: readonly Chapter[];
  readonly #context: Context;
  readonly #outline: Outline[];
  /** Those that were looked at: what a person did in a figure stays. */
  readonly #shown = new Map<number, Shown>();
  /** No chapter yet. */
  #place: Place = { chapter: -1, idea: 0 };

  constructor(chapters: readonly Chapter[], context: Context) {
    this.#chapters = chapters;
    this.#context = context;
    this.#outline = chapters.map(({ id }) => ({ id, steps: context.words.chapters[id].ideas.length + 1 }));
  }

  start(): void {
    this.#label();
    this.#listChapters();
    byId("next").addEventListener("click", () => this.#go(1));
    byId("back").addEventListener("click", () => this.#go(-1));
    listen((by) => this.#go(by));
    addEventListener("hashchange", () => this.#show(placeIn(location.hash, this.#outline)));
    this.#show(placeIn(location.hash, this.#outline));
    document.documentElement.dataset.state = "ready";
  }

  /** The page's own words are English until here. */
  #label(): void {
    const { language, page, sheet } = this.#context.words;
    document.documentElement.lang = language;
    const texts = {
      name: page.title,
      demo: page.demo,
      sheet: sheet.link,
      back: page.back,
      next: page.next,
      keys: page.keys,
    };
    for (const [id, text] of Object.entries(texts)) byId(id).textContent = text;
    byId("nav").ariaLabel = page.chapters;
    byId("figure").ariaLabel = page.figure;
  }

  #listChapters(): void {
    const entries = this.#chapters.map(({ id }, i) => {
      const { title, short } = this.#context.words.chapters[id];
      const number = make("span", { className: "number" }, String(i + 1));
      const link = make("a", { href: addressOf({ chapter: i, idea: 0 }, this.#outline), title }, number, " ", short);
      return make("li", {}, link);
    });
    byId("chapters").replaceChildren(...entries);
  }

  #go(by: Step): void {
    const place = moved(this.#place, by, this.#outline);
    if (!place) return;
    const address = addressOf(place, this.#outline);
    // Back leads to the chapter before, and not through all of its ideas.
    if (place.chapter === this.#place.chapter) history.replaceState(null, "", address);
    else history.pushState(null, "", address);
    this.#show(place);
  }

  #show(place: Place): void {
    const isOther = place.chapter !== this.#place.chapter;
    const isFirst = this.#place.chapter < 0;
    if (isOther) this.#shown.get(this.#place.chapter)?.task.stop();
    this.#place = place;
    const opened = this.#open(place.chapter);
    if (isOther) this.#title(opened);
    this.#ideas(opened);
    opened.figure.show(place.idea);
    byId<HTMLButtonElement>("back").disabled = !moved(place, -1, this.#outline);
    byId<HTMLButtonElement>("next").disabled = !moved(place, 1, this.#outline);
    if (isOther && !isFirst) {
      window.scrollTo({ top: 0 });
      byId("title").focus({ preventScroll: true });
    }
  }

  #open(index: number): Shown {
    const known = this.#shown.get(index);
    if (known) return known;
    const chapter = this.#chapters[index]!;
    const opened = chapter.open(this.#context);
    const check: Opened["check"] = (...given) => opened.check(...given);
    const shown = { ...opened, task: new TryThis(chapter.id, this.#context, check) };
    this.#shown.set(index, shown);
    return shown;
  }

  #title({ figure }: Shown): void {
    const { chapter } = this.#place;
    const { words } = this.#context;
    const { title } = words.chapters[this.#chapters[chapter]!.id];
    const number = fill(words.page.chapter, { number: chapter + 1, count: this.#chapters.length });
    byId("number").textContent = number;
    byId("title").textContent = title;
    document.title = `${title} · ${words.page.title}`;
    byId("ideas").replaceChildren();
    byId("figure").replaceChildren(figure.element);
    for (const [i, link] of byId("chapters").querySelectorAll("a").entries())
      link.ariaCurrent = i === chapter ? "page" : null;
  }

  /** All up to the present one; what is new is read out. */
  #ideas({ task }: Shown): void {
    const { chapter, idea } = this.#place;
    const { words, facts } = this.#context;
    const { ideas } = words.chapters[this.#chapters[chapter]!.id];
    const list = byId("ideas");
    const wanted = Math.min(idea + 1, ideas.length);
    while (list.children.length > wanted) list.lastElementChild!.remove();
    for (const text of ideas.slice(list.children.length, wanted))
      list.append(make("li", {}, ...phrase(fill(text, facts))));
    for (const [i, item] of [...list.children].entries()) item.ariaCurrent = i === idea ? "step" : null;
    const isTask = idea >= ideas.length;
    byId("task").replaceChildren(...(isTask ? [task.element] : []));
    if (isTask) task.begin();
    const newest = isTask ? task.element : list.lastElementChild;
    newest?.scrollIntoView({ block: "nearest" });
  }
}
