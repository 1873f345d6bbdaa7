/** An MCP server with one tool, as a page reaches it: Streamable HTTP that answers in JSON, to any origin. */
import { createServer } from "node:http";
import { close, listen } from "../../xtask/serve.mjs";

const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "*",
  "access-control-expose-headers": "mcp-session-id",
};
const water = {
  name: "water_bed",
  description: "Waters a bed of the garden.",
  inputSchema: { type: "object", properties: { bed: { type: "string" } } },
  annotations: { readOnlyHint: true },
};

export async function startMcpServer() {
  const called = [];
  const answers = {
    initialize: ({ protocolVersion }) => ({
      protocolVersion,
      capabilities: { tools: {} },
      serverInfo: { name: "garden", version: "1" },
    }),
    "tools/list": () => ({ tools: [water] }),
    "tools/call": (call) => {
      called.push(call);
      return { content: [{ type: "text", text: "The roses were watered." }] };
    },
  };
  const server = createServer(async (request, response) => {
    if (request.method !== "POST") return response.writeHead(request.method === "OPTIONS" ? 204 : 405, CORS).end();
    const { id, method, params } = JSON.parse(Buffer.concat(await request.toArray()).toString());
    if (id === undefined) return response.writeHead(202, CORS).end();
    const body = JSON.stringify({ jsonrpc: "2.0", id, result: answers[method](params) });
    response.writeHead(200, { ...CORS, "content-type": "application/json" }).end(body);
  });
  const port = await listen(server);
  return { url: `http://localhost:${port}/mcp`, called, close: () => close(server) };
}
