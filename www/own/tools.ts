/** The tools that a visitor brought: where each came from, and what they may do without being asked. */
import type { Toolgen } from "toolgen";

export interface Source {
  name: string;
  /** Of its tools that can be called now. */
  tools: string[];
  /** Where its tools send requests. */
  hosts: readonly string[];
  /** Stored replies by tool, which stand for a server that there isn't. */
  replies?: Record<string, unknown>;
  /** Tools without a function or a request: their calls are shown, and nothing happens. */
  shownOnly?: ReadonlySet<string>;
  /** Of the MCP server that they came from. */
  url?: string;
  /** Ends a connection. */
  close?: () => unknown;
}

export class OwnTools {
  /** Whether questions choose among these alone. */
  only = false;
  readonly #sources: Source[] = [];
  readonly #reserved: () => readonly string[];
  readonly #allowed = new Set<string>();

  /** `reserved` has the names of the page's own tools that may not be registered yet. */
  constructor(reserved: () => readonly string[] = () => []) {
    this.#reserved = reserved;
  }

  /** Names that a new tool can't have: it would take another one's place. */
  taken({ tools }: Pick<Toolgen, "tools">): ReadonlySet<string> {
    return new Set([...tools.map(({ name }) => name), ...this.#reserved()]);
  }

  get sources(): readonly Source[] {
    return this.#sources;
  }

  get names(): string[] {
    return this.#sources.flatMap(({ tools }) => tools);
  }

  /** For a run's option of this name. */
  get chosen(): string[] | undefined {
    const names = this.names;
    return this.only && names.length > 0 ? names : undefined;
  }

  add(source: Source): void {
    this.#sources.push(source);
  }

  remove(source: Source): void {
    this.#sources.splice(this.#sources.indexOf(source), 1);
    void Promise.resolve(source.close?.()).catch(() => {}); // a server that is gone is gone
  }

  /** What answers in the place of a tool's server or function: a stored example, or nothing but the call itself. */
  standIn(name: string): "example" | "call" | undefined {
    if (this.reply(name) !== undefined) return "example";
    return this.#sources.some(({ shownOnly }) => shownOnly?.has(name)) ? "call" : undefined;
  }

  /** What is said before a first request to a host; nothing where none has to be asked for. */
  reasonToAsk(host: string): string | undefined {
    if (this.#allowed.has(host)) return undefined;
    const source = this.#sources.find(({ hosts }) => hosts.includes(host));
    return source && `This tool is one of yours, from “${source.name}”.`;
  }

  allow(host: string): void {
    this.#allowed.add(host);
  }

  reply(name: string): unknown {
    const { replies = {} } = this.#sources.find(({ tools }) => tools.includes(name)) ?? {};
    return Object.hasOwn(replies, name) ? replies[name] : undefined;
  }
}
