/** Public APIs as they are on a bad day; each path is one way to fail. Used in Node and in Chromium. */
import { createServer } from "node:http";
import { close, listen } from "../../xtask/serve.mjs";

const JSON_TYPE = { "content-type": "application/json" };
const CORS = { "access-control-allow-origin": "*", "access-control-expose-headers": "retry-after" };

export async function startStub() {
  const requests = [];
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://stub");
    requests.push({ method: request.method, url: request.url, headers: request.headers });
    /** Whether a path with `?times=N` is to fail: the first N requests of the same URL do. */
    const fails = () =>
      requests.filter(({ url }) => url === request.url).length <= Number(searchParams.get("times") ?? Infinity);
    const send = (status, headers, body) => response.writeHead(status, { ...CORS, ...headers }).end(body);
    switch (pathname) {
      case "/json":
        return send(
          200,
          JSON_TYPE,
          JSON.stringify({ temperature: 21, nested: { list: ["a", "b"] }, query: Object.fromEntries(searchParams) }),
        );
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
        return send(Number(searchParams.get("status") ?? 302), { location: searchParams.get("to") }, "");
      case "/flaky": {
        if (!fails()) return send(200, JSON_TYPE, '{"temperature":21}');
        const after = searchParams.get("after");
        return send(Number(searchParams.get("status")), after === null ? {} : { "retry-after": after }, "try later");
      }
      case "/drop":
        return fails() ? request.socket.destroy() : send(200, JSON_TYPE, '{"temperature":21}');
      case "/cut":
        if (!fails()) return send(200, JSON_TYPE, '{"temperature":21}');
        response.writeHead(200, { ...CORS, ...JSON_TYPE, "content-length": 100 });
        return response.write('{"temperature":', () => setImmediate(() => request.socket.destroy()));
      case "/failing-stall":
        response.writeHead(500, { ...CORS });
        return response.write("out of"); // and never ends
      case "/echo": {
        const body = JSON.stringify({
          method: request.method,
          headers: request.headers,
          [request.headers["x-api-key"] ?? "none"]: 1,
        });
        return send(
          Number(searchParams.get("status") ?? 200),
          { "content-type": searchParams.get("type") ?? "application/json" },
          body,
        );
      }
      case "/image":
        return send(200, { "content-type": "image/PNG; x=y" }, Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0xff]));
      case "/204":
        return response.writeHead(204, CORS).end();
      case "/empty":
        return send(200, JSON_TYPE, "");
      case "/latin1":
        return send(200, { "content-type": "text/plain; charset=ISO-8859-1" }, Buffer.from("zwölf", "latin1"));
      default:
        return send(200, JSON_TYPE, JSON.stringify({ path: request.url }));
    }
  });
  const port = await listen(server);
  return { url: `http://localhost:${port}`, requests, close: () => close(server) };
}
