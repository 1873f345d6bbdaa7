/** Several pages at one engine. To `serve()` they are one port; each page gets the answers to what it asked. */
import { checkRequest } from "../check-request.js";
import { messageOf, ToolgenError } from "../core/errors.js";
import type { Conflict, Tool } from "../core/types.js";
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
  /** Names that are the page's only if this succeeds. */
  claimed: string[];
}

export class Hub {
  /** The engine's end: `serve(hub.engine, …)`. */
  readonly engine: Port<ToWorker, FromWorker> = { onmessage: null, postMessage: (message) => this.#pass(message) };
  readonly #onCrash: () => void;
  readonly #pages = new Set<Page>();
  readonly #work = new Map<number, Work>();
  #lastId = 0;
  /** What all pages load, the tools that came with it, and who waits for it. */
  #loaded?: { what: string; id: number; tools?: Tool[]; waiting: Work[] };
  /** What each tool is that a page has registered. */
  readonly #documents = new Map<string, string>();

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
    if (message.type === "cancel") return this.#cancel(page, message.id);
    if (message.type === "reply") {
      const [id] = this.#find(page, message.id) ?? [];
      return id === undefined ? undefined : this.#send({ ...message, id });
    }
    try {
      checkRequest(message);
      if (message.type === "load") return this.#load(page, message);
      const { request, claimed = [] } = this.#ofPage(page, message);
      const id = ++this.#lastId;
      this.#work.set(id, { page, request: message, claimed });
      this.#send({ ...request, id });
    } catch (error) {
      const code = error instanceof ToolgenError ? error.code : "backend";
      page.port.postMessage({ id: message.id, type: "error", code, message: messageOf(error) });
    }
  }

  /** The request as this page may make it: its tools are its own. */
  #ofPage(page: Page, request: Request): { request: Request; claimed?: string[] } {
    switch (request.type) {
      case "call":
      case "run": {
        const all = new Set([...this.#ofPack(), ...this.#documents.keys()]);
        const isAll = page.names.size === all.size;
        return { request: { ...request, tools: request.tools ?? (isAll ? undefined : [...page.names]) } };
      }
      case "completeArguments":
        if (!page.names.has(request.tool))
          throw new ToolgenError("bad_argument", `This page has no tool ${request.tool}.`);
        return { request };
      case "register":
        return { request, claimed: this.#claim(page, request.tools) };
      case "unregister":
        return { request: { ...request, names: this.#release(page, request.names) } };
      default:
        return { request };
    }
  }

  #load(page: Page, request: Numbered<Extract<Request, { type: "load" }>>): void {
    if (request.adapter instanceof Uint8Array || request.pack instanceof Uint8Array)
      throw new ToolgenError("bad_argument", "Pages that share an engine name its files by their URLs.");
    const { id: _, ...files } = request;
    const what = JSON.stringify(files);
    const work: Work = { page, request, claimed: [] };
    if (!this.#loaded) {
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
    const { page, request, claimed } = work;
    if (message.type === "done" || message.type === "error") this.#work.delete(message.id);
    if (message.type === "error") this.#forget(page, claimed);
    page.port.postMessage({ ...ownOf(work, message), id: request.id });
    if (message.type === "done" && request.type === "register") {
      const { skipped } = message.value as Registered;
      // One that the page had before stays as it was.
      const lost = claimed.filter((name) => skipped.some((tool) => tool.name === name));
      this.#forget(page, lost);
    }
  }

  #passLoad(message: FromWorker): void {
    const loaded = this.#loaded!;
    if (message.type === "done") {
      loaded.tools = message.value as Tool[];
      return this.#welcome();
    }
    if (message.type === "error") this.#loaded = undefined;
    for (const { page, request } of loaded.waiting) page.port.postMessage({ ...message, id: request.id });
  }

  #cancel(page: Page, pageId: number): void {
    const found = this.#find(page, pageId);
    if (found) {
      const [id, { claimed }] = found;
      this.#work.delete(id);
      this.#forget(page, claimed);
      return this.#send({ type: "cancel", id });
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
    this.#forget(page, [...page.names]);
  }

  #crash(message: string): void {
    for (const { port } of this.#pages) port.postMessage({ crashed: message });
    this.#onCrash();
  }

  /** Names that are new to the page. Throws where another page means another tool by one. */
  #claim(page: Page, tools: readonly Tool[]): string[] {
    for (const tool of tools) {
      const document = this.#documents.get(tool.name);
      if (document === undefined || document === written(tool) || !this.#isOfOthers(page, tool.name)) continue;
      const message = `Another page that shares the engine has another tool ${tool.name}; give it another name.`;
      throw new ToolgenError("bad_tool", message);
    }
    const claimed = tools.map(({ name }) => name).filter((name) => !page.names.has(name));
    for (const tool of tools) {
      page.names.add(tool.name);
      this.#documents.set(tool.name, written(tool));
    }
    return claimed;
  }

  /** Takes names from a page; gives those of tools that no page has any more. */
  #release(page: Page, names: readonly string[]): string[] {
    const own = names.filter((name) => page.names.delete(name));
    const ofPack = new Set(this.#ofPack());
    const unused = own.filter((name) => !this.#isOfOthers(page, name) && !ofPack.has(name));
    for (const name of unused) this.#documents.delete(name);
    return unused;
  }

  /** The same, and the engine forgets those tools. */
  #forget(page: Page, names: readonly string[]): void {
    const unused = this.#release(page, names);
    if (unused.length > 0) this.#send({ type: "unregister", names: unused, id: ++this.#lastId });
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
  if (message.type === "event" && message.event.type === "ranking")
    return { ...message, event: { ...message.event, tools: message.event.tools.filter(isOwn) } };
  if (message.type === "done" && request.type === "conflicts")
    return { ...message, value: ownConflicts(message.value as Conflict[]) };
  if (message.type === "done" && request.type === "register") {
    const registered = message.value as Registered;
    return { ...message, value: { ...registered, conflicts: ownConflicts(registered.conflicts) } };
  }
  return message;
}

/** A document as text that is the same however its parts are ordered. */
function written(tool: Tool): string {
  return JSON.stringify(tool, (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
