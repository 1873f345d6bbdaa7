/** Public APIs as they are on a bad day; each path is one way to fail. Used in Node and in Chromium. */
import { createServer } from "node:http";
import { close, listen } from "./server.mjs";

const JSON_TYPE = { "content-type": "application/json" };
const CORS = { "access-control-allow-origin": "*" };

export async function startStub() {
  const requests = [];
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://stub");
    requests.push({ method: request.method, url: request.url, headers: request.headers });
    const send = (status, headers, body) => response.writeHead(status, { ...CORS, ...headers }).end(body);
    switch (pathname) {
      case "/json":
        return send(200, JSON_TYPE, JSON.stringify({ temperature: 21, nested: { list: ["a", "b"] }, query: Object.fromEntries(searchParams) }));
      case "/no-cors":
        return response.writeHead(200, JSON_TYPE).end('{"temperature":21}');
      case "/500":
        return send(500, JSON_TYPE, '{"error":"out of order"}');
      case "/404":
        return send(404, { "content-type": "text/plain" }, "no such city");
      case "/html":
        return send(200, { "content-type": "text/html" }, "<!doctype html><title>Sorry</title>");
      case "/text":
        return send(200, { "content-type": "text/plain; charset=utf-8" }, "zwölf\n  Boxkämpfer");
      case "/broken-json":
        return send(200, JSON_TYPE, '{"temperature":');
      case "/slow":
        return; // never answers
      case "/stall":
        response.writeHead(200, { ...CORS, ...JSON_TYPE });
        return response.write('{"temperature":'); // and never ends
      case "/huge": {
        response.writeHead(200, { ...CORS, ...JSON_TYPE });
        const chunk = "x".repeat(65536);
        const more = () => {
          while (!response.destroyed && response.write(chunk));
        };
        response.on("drain", more);
        return more();
      }
      case "/moved":
        return send(302, { location: "/json" }, "");
      case "/elsewhere":
        return send(302, { location: searchParams.get("to") }, "");
      default:
        return send(200, JSON_TYPE, JSON.stringify({ path: request.url }));
    }
  });
  const port = await listen(server);
  return { url: `http://localhost:${port}`, requests, close: () => close(server) };
}
