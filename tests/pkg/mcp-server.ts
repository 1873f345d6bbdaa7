/** A real MCP server over Streamable HTTP, on this machine, made with the official SDK. */
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";

export type Handler = (args: Record<string, unknown>, signal: AbortSignal) => unknown;

export interface TestServer {
  url: string;
  /** Documents as they go over the wire, hostile ones too. */
  tools: object[];
  calls: Record<string, Handler>;
  pageSize: number;
  /** Overrides the answer to tools/list. */
  list?: (cursor: string | undefined) => object;
  requests: { method?: string; headers: NodeJS.Dict<string | string[]>; body: any }[];
  /** How many sessions are open. */
  sessions(): number;
  notifyListChanged(): Promise<void>;
  /** Forgets all sessions, as after a restart. */
  forget(): void;
  /** Breaks all connections, as a killed process does, and listens no more. */
  die(): void;
  close(): Promise<void>;
}

export async function startMcpServer(name = "stub"): Promise<TestServer> {
  const open = new Map<string, { transport: StreamableHTTPServerTransport; server: Server }>();

  function list(cursor: string | undefined): object {
    if (stub.list) return stub.list(cursor);
    const start = Number(cursor ?? 0);
    const end = start + stub.pageSize;
    return { tools: stub.tools.slice(start, end), nextCursor: end < stub.tools.length ? String(end) : undefined };
  }

  function session(): StreamableHTTPServerTransport {
    const server = new Server({ name, version: "1.0.0" }, { capabilities: { tools: { listChanged: true } } });
    // The SDK's own handlers check what they answer; this one lets hostile answers through.
    server.fallbackRequestHandler = async ({ method, params }, { signal }) => {
      if (method === "tools/list") return list(params?.cursor as string | undefined) as never;
      const { name = "", arguments: args = {} } = (params ?? {}) as {
        name?: string;
        arguments?: Record<string, unknown>;
      };
      const handler = stub.calls[name];
      if (method !== "tools/call" || !handler) throw new Error(`there is no tool ${name}`);
      return (await handler(args, signal)) as never;
    };
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void open.set(id, { transport, server }),
      onsessionclosed: (id) => void open.delete(id),
    });
    void server.connect(transport);
    return transport;
  }

  const http = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const body = text === "" ? undefined : JSON.parse(text);
    stub.requests.push({ method: request.method, headers: request.headers, body });
    const id = request.headers["mcp-session-id"] as string | undefined;
    const transport = id === undefined ? session() : open.get(id)?.transport;
    if (!transport) return void response.writeHead(404).end();
    await transport.handleRequest(request, response, body);
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));

  const stub: TestServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`,
    tools: [],
    calls: {},
    pageSize: 100,
    requests: [],
    sessions: () => open.size,
    async notifyListChanged() {
      for (const { server } of open.values()) await server.sendToolListChanged();
    },
    forget: () => open.clear(),
    die() {
      http.close();
      http.closeAllConnections();
    },
    async close() {
      for (const { server } of open.values()) await server.close();
      http.close();
      http.closeAllConnections();
    },
  };
  return stub;
}
