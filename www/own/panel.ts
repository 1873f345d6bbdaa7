/** Everything about the visitor's own tools, from the document to the pack. */
import type { Conflict, Toolgen } from "toolgen";
import { make } from "../dom.ts";
import { add, type Offer } from "./add.ts";
import { showConflicts } from "./conflicts.ts";
import { exportPart } from "./export.ts";
import { exampleList, pasteForm, serverForm, type Example } from "./forms.ts";
import { readDocument } from "./read.ts";
import type { Page } from "./section.ts";
import { leftOutList, sourceCard } from "./source-card.ts";
import { teachForm } from "./teach.ts";
import type { Source } from "./tools.ts";
import { Work } from "./work.ts";

const INTRODUCTION =
  "The model can call your tools at once: their documents are read in this page, half a second each. " +
  "They stay in this tab, and nothing is sent to anyone before you say so.";

export function showPanel(place: HTMLElement, page: Page): void {
  const work = new Work();
  const mine = make("div", { className: "own-mine", hidden: true });
  const bring = (offer: (toolgen: Toolgen, signal: AbortSignal) => Promise<Offer>) =>
    void work.run("Waiting for the model…", async (signal) => {
      const toolgen = await orAborted(page.ready, signal);
      await (parts ??= new Parts(mine, toolgen, page, work)).bring(await offer(toolgen, signal), signal);
    });
  let parts: Parts | undefined;
  place.replaceChildren(
    make("p", { className: "quiet" }, INTRODUCTION),
    exampleList((example) => bring((toolgen, signal) => offerOf(example, toolgen, signal))),
    pasteForm((text, baseUrl) =>
      bring((toolgen, signal) => readDocument(toolgen, text, { ...(baseUrl && { baseUrl }), signal })),
    ),
    serverForm((url) => bring((_, signal) => offerOfServer(url, signal))),
    work.element,
    mine,
  );
}

async function offerOf({ document, ...example }: Example, toolgen: Toolgen, signal: AbortSignal): Promise<Offer> {
  return { ...(await readDocument(toolgen, JSON.stringify(document), { signal })), ...example };
}

async function offerOfServer(url: string, signal: AbortSignal): Promise<Offer> {
  const { fromMcpServer } = await import("toolgen/importers/mcp");
  // What a server says of its own tools is no reason to call them unasked.
  const { name, tools, skipped, close } = await fromMcpServer(url, { trustAnnotations: false, signal });
  const problems = skipped.map(({ code, message }) => ({ name, code, message }));
  return { name, tools: [...tools], narrowed: [], skipped: problems, url, close };
}

/** Waiting for the model can be given up. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  return Promise.race([promise, aborted]);
}

/** Below the forms, from the first tool on. */
class Parts {
  readonly #toolgen: Toolgen;
  readonly #page: Page;
  readonly #work: Work;
  readonly #place: HTMLElement;
  readonly #sources = make("div", { className: "own-sources" });
  readonly #conflicts = make("div");
  readonly #only = make("input", { type: "checkbox", id: "own-only" });
  readonly #teach;
  readonly #export;
  #pairs: Conflict[] = [];
  #question = "…";

  constructor(place: HTMLElement, toolgen: Toolgen, page: Page, work: Work) {
    this.#place = place;
    this.#toolgen = toolgen;
    this.#page = page;
    this.#work = work;
    this.#teach = teachForm(toolgen, work);
    this.#export = exportPart(toolgen, page.own, work);
    this.#only.addEventListener("change", () => (page.own.only = this.#only.checked));
    const only = make(
      "label",
      { htmlFor: this.#only.id, className: "own-only" },
      this.#only,
      "Choose among my tools alone",
    );
    place.append(this.#sources, only, this.#conflicts, this.#teach.element, this.#export.element);
  }

  async bring(offer: Offer, signal: AbortSignal): Promise<void> {
    const { own, changed } = this.#page;
    const added = await add(this.#toolgen, own, offer, {
      signal,
      onProgress: (progress) => this.#work.progress(progress),
      onAdded: changed,
    });
    const { source, conflicts, cancelled } = added;
    const problems = [...offer.skipped, ...added.skipped];
    const count = source.tools.length;
    if (count === 0) {
      const list = leftOutList(problems);
      return this.#work.says(
        cancelled ? "Cancelled: nothing was added." : "None of its tools can be used.",
        ...(list ? [list] : []),
      );
    }
    const said = [`${count === 1 ? "One tool" : `${count} tools`} of “${source.name}” can be asked for.`];
    if (problems.length > 0) said.push(`${problems.length} left out: see below why.`);
    if (cancelled) said.push(`You stopped it before the other ${offer.tools.length - count - added.skipped.length}.`);
    this.#work.says(said.join(" "));
    this.#pairs.push(...conflicts);
    this.#question = offer.questions?.[0] ?? this.#question;
    const card = sourceCard(added, offer, {
      find: this.#find,
      ask: this.#page.ask,
      remove: () => void this.#remove(source, card),
    });
    this.#sources.prepend(card);
    this.#refresh();
  }

  async #remove(source: Source, card: HTMLElement): Promise<void> {
    await this.#work.run("Removing…", async () => {
      await this.#toolgen.unregister(source.tools);
      this.#page.own.remove(source);
      this.#pairs = this.#pairs.filter(({ tools }) => !tools.some((name) => source.tools.includes(name)));
      card.remove();
      this.#work.says(`“${source.name}” is removed.`);
      this.#refresh();
      this.#page.changed();
    });
  }

  #refresh(): void {
    const { names } = this.#page.own;
    this.#place.hidden = names.length === 0;
    this.#conflicts.replaceChildren(showConflicts(this.#pairs, this.#find, this.#teach.begin) ?? "");
    this.#teach.offer(names);
    this.#export.refresh(this.#question);
  }

  readonly #find = (name: string) => this.#toolgen.tools.find((tool) => tool.name === name);
}
