/** Several pages at one engine. To `serve()` they are one port; each page gets the answers to what it asked. */
import { checkRequest } from "../check-request.js";
import { messageOf, ToolgenError } from "../core/errors.js";
import type { Conflict, Tool } from "../core/types.js";
import { isRecord } from "../util/is-record.js";
import type { FromWorker, Port, Registered, Request, ToWorker } from "../protocol.js";

/** `crashed` is said to a page once, when the engine is gone. */
type PagePort = Port<ToWorker, FromWorker> & { postMessage(message: FromWorker | { crashed: string }): void };
type Numbered<T extends Request = Request> = { id: number } & T;

interface Page {
  port: PagePort;
  /** Of the tools that it has loaded or registered, and is offered. */
  names: Set<string>;
}

/** What a page has asked; the engine knows it by an id of its own. */
interface Work {
  page: Page;
  request: Numbered;
  /** Takes back what was noted of the page's tools, but for those of these names. */
  undo?: (done?: ReadonlySet<string>) => void;
}

/** As many as a request may ask for. */
const MOST_RANKED = 2 ** 16;

export class Hub {
  /** The engine's end: `serve(hub.engine, …)`. */
  readonly engine: Port<ToWorker, FromWorker> = { onmessage: null, postMessage: (message) => this.#pass(message) };
  readonly #onCrash: () => void;
  readonly #pages = new Set<Page>();
  readonly #work = new Map<number, Work>();
  #lastId = 0;
  /** What all pages load, the tools that came with it, and who waits for it. */
  #loaded?: { what: string; id: number; tools?: Tool[]; waiting: Work[] };
  /** What each tool is, once all is done that the engine was asked for: as it was given, and as the engine has it. */
  readonly #documents = new Map<string, string[]>();

  /** After `onCrash` the engine is to be used no more. */
  constructor(onCrash: () => void) {
    this.#onCrash = onCrash;
  }

  connect(port: PagePort): { leave(): void } {
    const page: Page = { port, names: new Set() };
    this.#pages.add(page);
    port.onmessage = ({ data }) => this.#take(page, data);
    return { leave: () => this.#leave(page) };
  }

  #take(page: Page, message: ToWorker): void {
    if (!isRecord(message) || !this.#pages.has(page)) return; // nobody waits for an answer
    if (message.type === "cancel") return this.#cancel(page, message.id);
    if (message.type === "reply") {
      const [id] = this.#find(page, message.id) ?? [];
      return id === undefined ? undefined : this.#send({ ...message, id });
    }
    try {
      checkRequest(message);
      if (message.type === "load") return this.#load(page, message);
      const { request, undo } = this.#ofPage(page, message);
      const id = ++this.#lastId;
      this.#work.set(id, { page, request: message, undo });
      this.#send({ ...request, id });
    } catch (error) {
      const code = error instanceof ToolgenError ? error.code : "backend";
      page.port.postMessage({ id: message.id, type: "error", code, message: messageOf(error) });
    }
  }

  /** The request as this page may make it: its tools are its own. */
  #ofPage(page: Page, request: Request): { request: Request; undo?: Work["undo"] } {
    const isAll = page.names.size === this.#documents.size;
    switch (request.type) {
      case "call":
      case "run": {
        const foreign = request.tools?.find((name) => !page.names.has(name) && this.#documents.has(name));
        if (foreign !== undefined) throw new ToolgenError("bad_argument", `This page has no tool ${foreign}.`);
        return { request: { ...request, tools: request.tools ?? (isAll ? undefined : [...page.names]) } };
      }
      case "retrieve": {
        // The page's best may lie below all that are another's.
        const topK = Math.min(Math.max(request.topK, this.#documents.size), MOST_RANKED);
        return { request: isAll ? request : { ...request, topK } };
      }
      case "completeArguments":
        if (!page.names.has(request.tool) && this.#documents.has(request.tool))
          throw new ToolgenError("bad_argument", `This page has no tool ${request.tool}.`);
        return { request };
      case "register":
        return { request, undo: this.#claim(page, request.tools) };
      case "unregister": {
        const { unused, undo } = this.#release(page, request.names);
        return { request: { ...request, names: unused }, undo };
      }
      default:
        return { request };
    }
  }

  #load(page: Page, request: Numbered<Extract<Request, { type: "load" }>>): void {
    if (request.adapter instanceof Uint8Array || request.pack instanceof Uint8Array)
      throw new ToolgenError("bad_argument", "Pages that share an engine name its files by their URLs.");
    const { id: _, ...files } = request;
    const what = JSON.stringify(files);
    const work: Work = { page, request };
    const isAlone = this.#pages.size === 1;
    if (!this.#loaded || (this.#loaded.what !== what && isAlone)) {
      const id = ++this.#lastId;
      this.#loaded = { what, id, waiting: [work] };
      return this.#send({ ...request, id });
    }
    if (this.#loaded.what !== what)
      throw new ToolgenError(
        "bad_argument",
        "Another page shares the engine with other files or options; load the same.",
      );
    this.#loaded.waiting.push(work);
    if (this.#loaded.tools) this.#welcome();
  }

  /** What was loaded is there: those who waited have it. */
  #welcome(): void {
    const { tools = [], waiting } = this.#loaded!;
    for (const { page, request } of waiting.splice(0)) {
      for (const { name } of tools) page.names.add(name);
      page.port.postMessage({ id: request.id, type: "done", value: tools });
    }
  }

  /** The engine's answer to the page that asked. */
  #pass(message: FromWorker): void {
    if (message.type === "error" && message.code === "crashed") return this.#crash(message.message);
    if (message.id === this.#loaded?.id) return this.#passLoad(message);
    const work = this.#work.get(message.id);
    if (!work) return; // it was cancelled
    const { page, request, undo } = work;
    if (message.type === "done" || message.type === "error") this.#work.delete(message.id);
    if (message.type === "error") undo?.();
    if (message.type === "done" && request.type === "register") {
      const { added } = message.value as Registered;
      undo?.(new Set(added.map(({ name }) => name)));
      for (const given of request.tools) {
        const restricted = added.find(({ name }) => name === given.name);
        if (restricted && this.#isKnown(given) && !this.#isKnown(restricted))
          this.#documents.get(given.name)!.push(written(restricted));
      }
    }
    page.port.postMessage({ ...ownOf(work, message), id: request.id });
  }

  #passLoad(message: FromWorker): void {
    const loaded = this.#loaded!;
    if (message.type === "done") {
      loaded.tools = message.value as Tool[];
      this.#documents.clear();
      for (const tool of loaded.tools) this.#documents.set(tool.name, [written(tool)]);
      return this.#welcome();
    }
    if (message.type === "error") this.#loaded = undefined;
    for (const { page, request } of loaded.waiting) page.port.postMessage({ ...message, id: request.id });
  }

  #cancel(page: Page, pageId: number): void {
    const found = this.#find(page, pageId);
    if (found) {
      const [id, { undo }] = found;
      this.#work.delete(id);
      // The engine hears of it before it could have done it: the two take turns.
      this.#send({ type: "cancel", id });
      return undo?.();
    }
    const loaded = this.#loaded;
    const place = loaded?.waiting.findIndex((work) => work.page === page && work.request.id === pageId) ?? -1;
    if (place < 0) return;
    loaded!.waiting.splice(place, 1);
    if (loaded!.waiting.length > 0) return;
    this.#loaded = undefined;
    this.#send({ type: "cancel", id: loaded!.id });
  }

  #leave(page: Page): void {
    this.#pages.delete(page);
    const asked = [...this.#work.values(), ...(this.#loaded?.waiting ?? [])].filter((work) => work.page === page);
    for (const { request } of asked) this.#cancel(page, request.id);
    const { unused } = this.#release(page, [...page.names]);
    if (unused.length > 0) this.#send({ type: "unregister", names: unused, id: ++this.#lastId });
  }

  #crash(message: string): void {
    for (const { port } of this.#pages) port.postMessage({ crashed: message });
    this.#onCrash();
  }

  /** The tools are the page's from now on. Throws where another page, or the pack of all, means another tool by a name. */
  #claim(page: Page, tools: readonly Tool[]): NonNullable<Work["undo"]> {
    const ofPack = new Set(this.#ofPack());
    for (const tool of tools) {
      const { name } = tool;
      const isShared = ofPack.has(name) || this.#isOfOthers(page, name);
      if (!isShared || this.#isKnown(tool)) continue;
      const whose = ofPack.has(name) ? "The pack of the pages that share" : "Another page that shares";
      throw new ToolgenError("bad_tool", `${whose} the engine has another tool ${name}; give it another name.`);
    }
    const before = tools.map(({ name }) => ({
      name,
      isOwn: page.names.has(name),
      document: this.#documents.get(name),
    }));
    for (const tool of tools) {
      page.names.add(tool.name);
      if (!this.#isKnown(tool)) this.#documents.set(tool.name, [written(tool)]);
    }
    return (done = new Set()) => {
      for (const { name, isOwn, document } of before.filter(({ name }) => !done.has(name))) {
        if (!isOwn) page.names.delete(name);
        if (document !== undefined) this.#documents.set(name, document);
        else if (!this.#isOfOthers(page, name)) this.#documents.delete(name);
      }
    };
  }

  /** Takes names from a page; `unused` are those of tools that nobody has any more. */
  #release(page: Page, names: readonly string[]): { unused: string[]; undo: NonNullable<Work["undo"]> } {
    const own = names.filter((name) => page.names.delete(name));
    const ofPack = new Set(this.#ofPack());
    const unused = own.filter((name) => !this.#isOfOthers(page, name) && !ofPack.has(name));
    const documents = unused.map((name) => [name, this.#documents.get(name)!] as const);
    for (const name of unused) this.#documents.delete(name);
    return {
      unused,
      undo: () => {
        for (const name of own) page.names.add(name);
        for (const [name, document] of documents) this.#documents.set(name, document);
      },
    };
  }

  /** Whether it is the tool that is known by its name. */
  #isKnown(tool: Tool): boolean {
    return this.#documents.get(tool.name)?.includes(written(tool)) ?? false;
  }

  #ofPack(): string[] {
    return (this.#loaded?.tools ?? []).map(({ name }) => name);
  }

  #isOfOthers(page: Page, name: string): boolean {
    return [...this.#pages].some((other) => other !== page && other.names.has(name));
  }

  #find(page: Page, pageId: number): [number, Work] | undefined {
    return [...this.#work].find(([, work]) => work.page === page && work.request.id === pageId);
  }

  #send(message: ToWorker): void {
    this.engine.onmessage?.({ data: message } as MessageEvent<ToWorker>);
  }
}

/** What a page hears of tools that it doesn't have: nothing. */
function ownOf({ page, request }: Work, message: FromWorker): FromWorker {
  const isOwn = ({ name }: { name: string }) => page.names.has(name);
  const ownConflicts = (all: Conflict[]) => all.filter(({ tools }) => tools.every((name) => page.names.has(name)));
  if (message.type === "event" && message.event.type === "ranking") {
    const tools = message.event.tools.filter(isOwn);
    const { topK = tools.length } = request as { topK?: number };
    return { ...message, event: { ...message.event, tools: tools.slice(0, topK) } };
  }
  if (message.type === "done" && request.type === "conflicts")
    return { ...message, value: ownConflicts(message.value as Conflict[]) };
  if (message.type === "done" && request.type === "register") {
    const registered = message.value as Registered;
    return { ...message, value: { ...registered, conflicts: ownConflicts(registered.conflicts) } };
  }
  return message;
}

/** A document as text that is the same however its parts are ordered, and whether the engine has closed its objects or not. */
function written(tool: Tool): string {
  return JSON.stringify(tool, (_, value: unknown) => {
    if (!isRecord(value)) return value;
    const { additionalProperties: more, ...rest } = value;
    const parts = more === undefined || more === false ? rest : value;
    return Object.fromEntries(Object.entries(parts).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
