/** One connection to an MCP server: requests that always settle, and errors in this package's words. */
import { messageOf, ToolgenError } from "../core/errors.js";
import { attempt } from "../util/options.js";
import { withDeadline } from "../util/deadline.js";
import { isRecord } from "../util/is-record.js";
import { parseUrl } from "../util/url.js";
import type { McpClient } from "./mcp-client.js";

export interface ConnectOptions {
  signal?: AbortSignal;
  timeoutMs: number;
  headers?: Record<string, string>;
  fetch?: typeof globalThis.fetch;
}

const LIST_CHANGED = "notifications/tools/list_changed";
/** The SDK's own limit must never be the one that strikes: ours names the tool. */
const NO_LIMIT_MS = 2 ** 31 - 1;
/** Saying goodbye to a server that may be gone. */
const CLOSE_MS = 2_000;

export async function connect(urlOrClient: URL | string | McpClient, options: ConnectOptions): Promise<Connection> {
  const sdk = await loadSdk();
  if (typeof urlOrClient !== "string" && !(urlOrClient instanceof URL)) {
    const isClient = attempt(
      "The MCP client",
      () => isRecord(urlOrClient) && typeof urlOrClient.request === "function",
    );
    if (!isClient)
      throw new ToolgenError("bad_argument", "An MCP server is named by its URL, or given as a client of the SDK.");
    if (!urlOrClient.transport)
      throw new ToolgenError("bad_argument", "The MCP client is not connected: call its connect() first.");
    return new Connection(sdk, urlOrClient, urlOrClient.getServerVersion()?.name || "the MCP server");
  }
  const url = checkUrl(urlOrClient);
  const open = () => openSession(sdk, url, options);
  const { client, end } = await open();
  return new Connection(sdk, client, client.getServerVersion()?.name || url.host, end, open);
}

/** A client that is ours, and what ends its session. */
interface Session {
  client: McpClient;
  end: () => Promise<void>;
}

async function openSession(sdk: Sdk, url: URL, options: ConnectOptions): Promise<Session> {
  const { signal, timeoutMs } = options;
  const send = options.fetch ?? globalThis.fetch;
  const transport = new sdk.Transport(url, {
    requestInit: { headers: options.headers },
    fetch: (input, init) => send(input, { ...init, credentials: "omit", referrerPolicy: "no-referrer" }),
  });
  const client = new sdk.Client({ name: "toolgen", version: "0" }, { capabilities: {} });
  try {
    await withDeadline(`Connecting to ${url.host}`, { signal, timeoutMs }, (stop) =>
      client.connect(transport, { signal: stop, timeout: NO_LIMIT_MS }),
    );
  } catch (cause) {
    const method = client.getServerVersion() ? "notifications/initialized" : "initialize";
    await client.close().catch(() => {});
    throw inOurWords(sdk, cause, url.host, method, transport);
  }
  const end = async () => {
    await withDeadline("Ending the session", { timeoutMs: CLOSE_MS }, () => transport.terminateSession()).catch(
      () => {},
    );
    await client.close();
  };
  return { client: client as McpClient, end };
}

export class Connection {
  readonly name: string;
  closed = false;
  readonly #sdk: Sdk;
  readonly #reopen?: () => Promise<Session>;
  #client: McpClient;
  #end?: () => Promise<void>;
  #before: McpClient["onerror"];
  #changed?: () => void;
  #renewing?: Promise<void>;
  /** Ends each request that waits for its answer. */
  readonly #pending = new Set<(error: ToolgenError) => void>();
  #probing = false;

  /** `end` closes a client that is ours, `reopen` makes another one in its place. */
  constructor(sdk: Sdk, client: McpClient, name: string, end?: () => Promise<void>, reopen?: () => Promise<Session>) {
    this.#sdk = sdk;
    this.name = name;
    this.#end = end;
    this.#reopen = reopen;
    this.#client = client;
    this.#listen(client);
  }

  #listen(client: McpClient): void {
    const before = (this.#before = client.onerror);
    client.onerror = (error) => {
      before?.call(client, error);
      void this.#probe();
    };
    if (this.#changed) client.setNotificationHandler(this.#sdk.ToolListChangedNotificationSchema, this.#changed);
  }

  /** A new session in place of one that the server has forgotten, once for all requests that found that out. */
  #renew(): Promise<void> {
    this.#renewing ??= (async () => {
      const old = this.#client;
      const { client, end } = await this.#reopen!();
      if (this.closed) return end();
      this.#client = client;
      this.#end = end;
      this.#listen(client);
      await old.close().catch(() => {});
    })().finally(() => (this.#renewing = undefined));
    return this.#renewing;
  }

  /** The result of a request, as the server sent it: nothing but "an object" is checked. */
  async request(
    method: string,
    params: Record<string, unknown>,
    signal: AbortSignal,
  ): Promise<Record<string, unknown>> {
    const client = this.#client;
    try {
      return await this.#ask(method, params, signal);
    } catch (error) {
      const { status } = error as ToolgenError;
      if (status !== 404 || !this.#reopen || this.closed) throw error;
      // The server has restarted: MCP has the client begin a new session.
      if (this.#client === client) await this.#renew();
      return this.#ask(method, params, signal);
    }
  }

  async #ask(method: string, params: Record<string, unknown>, signal: AbortSignal): Promise<Record<string, unknown>> {
    if (this.closed) throw this.#disposed();
    let end!: (error: ToolgenError) => void;
    const ended = new Promise<never>((_, reject) => (end = reject));
    this.#pending.add(end);
    try {
      const answer = this.#client.request({ method, params }, this.#sdk.ResultSchema, { signal, timeout: NO_LIMIT_MS });
      return (await Promise.race([ended, answer])) as Record<string, unknown>;
    } catch (cause) {
      signal.throwIfAborted();
      throw this.closed ? this.#disposed() : inOurWords(this.#sdk, cause, this.name, method, this.#client.transport);
    } finally {
      this.#pending.delete(end);
    }
  }

  /** Calls `changed` at each change of the server's tools; gives what ends that. */
  onToolsChanged(changed: () => void): () => void {
    this.#changed = changed;
    this.#client.setNotificationHandler(this.#sdk.ToolListChangedNotificationSchema, changed);
    return () => {
      this.#changed = undefined;
      this.#client.removeNotificationHandler(LIST_CHANGED);
    };
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.#client.onerror = this.#before;
    for (const end of this.#pending) end(this.#disposed());
    await this.#end?.();
  }

  /**
   * The SDK lets a request wait when the stream of its answer breaks off, since it may come on
   * another. A ping tells whether there is still a server for it to come from.
   */
  async #probe(): Promise<void> {
    if (this.#probing || this.#pending.size === 0) return;
    this.#probing = true;
    const affected = [...this.#pending];
    try {
      await this.#client.request({ method: "ping" }, this.#sdk.ResultSchema, { timeout: NO_LIMIT_MS });
    } catch (cause) {
      const error = inOurWords(this.#sdk, cause, this.name, "ping");
      // An error that the server itself sends is a sign of life.
      if (error.code !== "mcp") for (const end of affected) end(error);
    } finally {
      this.#probing = false;
    }
  }

  #disposed(): ToolgenError {
    return new ToolgenError("disposed", `The connection to ${this.name} was closed.`);
  }
}

type Sdk = Awaited<ReturnType<typeof loadSdk>>;

async function loadSdk() {
  try {
    const [
      { Client },
      { StreamableHTTPClientTransport, StreamableHTTPError },
      { McpError, ResultSchema, ToolListChangedNotificationSchema },
    ] = await Promise.all([
      import("@modelcontextprotocol/sdk/client/index.js"),
      import("@modelcontextprotocol/sdk/client/streamableHttp.js"),
      import("@modelcontextprotocol/sdk/types.js"),
    ]);
    return {
      Client,
      Transport: StreamableHTTPClientTransport,
      StreamableHTTPError,
      McpError,
      ResultSchema,
      ToolListChangedNotificationSchema,
    };
  } catch (cause) {
    const message = `MCP servers need the package @modelcontextprotocol/sdk, which could not be loaded: npm install @modelcontextprotocol/sdk (${messageOf(cause)}).`;
    throw new ToolgenError("unsupported", message, { cause });
  }
}

function checkUrl(given: URL | string): URL {
  const text = String(given);
  const base = globalThis.document?.baseURI;
  const url = parseUrl(text, base);
  if (!url) throw new ToolgenError("bad_argument", `"${text}" is not a valid URL of an MCP server.`);
  const local = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (url.protocol === "https:" || (url.protocol === "http:" && local)) return url;
  throw new ToolgenError("bad_argument", `The MCP server ${text} must use https:// (http:// only on localhost).`, {
    url: text,
  });
}

function inOurWords(sdk: Sdk, cause: unknown, server: string, method: string, transport?: unknown): ToolgenError {
  if (cause instanceof ToolgenError) return cause;
  if (cause instanceof sdk.StreamableHTTPError && cause.code !== undefined && cause.code >= 100) {
    const hasSession = (transport as { sessionId?: unknown } | undefined)?.sessionId !== undefined;
    const hint =
      cause.code === 401 || cause.code === 403
        ? " Does it need an authorization header?"
        : cause.code === 400 && method !== "initialize" && !hasSession
          ? " There is no session: does the server expose the header Mcp-Session-Id (CORS)?"
          : "";
    return new ToolgenError("http_status", `${server} responded to ${method} with HTTP status ${cause.code}.${hint}`, {
      status: cause.code,
      cause,
    });
  }
  // What the browser's or Node's fetch throws when there is no answer, or half of one.
  if (cause instanceof TypeError) {
    return new ToolgenError(
      "network_or_cors",
      `No response from ${server} to ${method}: it can't be reached, the connection broke, or it doesn't allow requests from here (CORS).`,
      { cause },
    );
  }
  const lost = cause instanceof sdk.McpError && cause.code === -32_000 && /closed/i.test(cause.message);
  if (lost)
    return new ToolgenError("network_or_cors", `The connection to ${server} was lost during ${method}.`, { cause });
  if (cause instanceof sdk.McpError)
    return new ToolgenError("mcp", `${server} refused ${method}: ${cause.message.slice(0, 500)}`, { cause });
  return new ToolgenError(
    "mcp",
    `The response from ${server} to ${method} can't be read: ${messageOf(cause).slice(0, 500)}`,
    { cause },
  );
}
