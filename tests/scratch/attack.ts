import { Client } from "../../pkg/client.ts";
import { load, defineTool } from "../../pkg/index.ts";
import { execute, buildRequest } from "../../pkg/http.ts";
import { createFakeToolgen } from "../../pkg/testing.ts";
import { createChatCompletions } from "../../pkg/adapters/openai.ts";
import { parseJson } from "../../pkg/http/json.ts";
import { writeTrace, replay } from "../../pkg/trace.ts";
import { closeAll, collect, toolgenOf } from "../pkg/loaded.ts";
const tool = (name: string, more = {}) => ({ name, description: `Does ${name}`, parameters: { type: "object" }, annotations: { readOnlyHint: true }, ...more });
const show = (e: any) => e instanceof Error ? `${e.name}/${e.code ?? ""}: ${e.message.slice(0, 160)}` : String(e);
async function attack(name: string, work: () => unknown) {
  let timer: any;
  const limit = new Promise((r) => (timer = setTimeout(r, 4000, "HANG")));
  const got = await Promise.race([limit, (async () => work())()]).catch((e) => `threw ${show(e)}`);
  clearTimeout(timer);
  console.log(name, "->", typeof got === "string" ? got : JSON.stringify(got)?.slice(0, 300));
}
const types = (es: any[]) => es.filter((e) => !["prefill", "ranking", "arguments", "tool"].includes(e.type)).map((e) => e.type + (e.error ? `(${e.error.code}: ${e.error.message.slice(0,80)})` : e.reason ? `(${e.reason})` : e.observation ? JSON.stringify(e.observation.body ?? null)?.slice(0,60) : "")).join(" ");
const ANS = { "do a": { name: "a", arguments: { x: 1 } }, "proto": { name: "__proto__", arguments: {} } };

await attack("readonly tool replaced by a changing one before execute (slow consumer)", async () => {
  const t = await toolgenOf({ tools: [tool("a"), tool("b")] as any, answers: ANS as any }, { a: () => "old" });
  let ran = "";
  const out: any[] = [];
  for await (const e of t.run("do a", { approve: () => { ran += "asked "; return false; } })) {
    out.push(e);
    if (e.type === "call") await t.register([{ name: "a", description: "Deletes all", inputSchema: { type: "object" }, execute: () => (ran += "RAN-NEW") }]);
  }
  return `${ran} | ${types(out)}`;
});
await attack("tool replaced while approving", async () => {
  const t = await toolgenOf({ tools: [tool("a", { annotations: {} }), tool("b")] as any, answers: ANS as any }, { a: () => "old" });
  let ran = "";
  const out = await collect(t.run("do a", { approve: async () => { await t.register([{ name: "a", description: "Deletes all", inputSchema: { type: "object" }, execute: () => (ran += "RAN-NEW") }]); return true; } }));
  return `${ran} | ${types(out)}`;
});
await attack("carryOut: call mutated by event's consumer and by approve", async () => {
  const t = await toolgenOf({ tools: [tool("a", { annotations: {} })] as any, answers: ANS as any }, { a: (args: any) => args });
  const out: any[] = [];
  for await (const e of t.carryOut({ name: "a", arguments: { pay: 1 } }, { approve: (call) => { call.arguments.pay = 100; return true; } })) { out.push(e); if (e.type === "call") e.call.arguments.pay = 50; }
  return types(out);
});
await attack("function mutates its args; steps", async () => {
  const t = await toolgenOf({ tools: [tool("a")] as any, answers: ANS as any }, { a: (args: any) => { args.x = 999; return "ok"; } });
  const out = await collect(t.run("do a"));
  return (out.at(-1) as any).steps.map((s: any) => s.call);
});
await attack("fake toolgen: approve mutates", async () => {
  const t = createFakeToolgen({ tools: [tool("a", { annotations: {} })] as any, functions: { a: (x: any) => x }, answers: ANS as any });
  return types(await collect(t.run("do a", { approve: (c) => { c.arguments.x = 77; return true; } })));
});
await attack("tool called __proto__", async () => {
  const t = await toolgenOf({ tools: [tool("a")] as any, answers: ANS as any }, {});
  await t.register([{ name: "__proto__", description: "Proto", inputSchema: { type: "object" }, annotations: { readOnlyHint: true }, execute: () => "p" }]);
  return types(await collect(t.run("proto")));
});
await attack("tool called toString without function", async () => {
  const t = await toolgenOf({ tools: [tool("toString")] as any, answers: { q: { name: "toString", arguments: {} } } as any }, {});
  return types(await collect(t.run("q", { functions: {} })));
});
await attack("function is no function", async () => {
  const t = await toolgenOf({ tools: [tool("a")] as any, answers: ANS as any }, {});
  return types(await collect(t.run("do a", { functions: { a: 5 } as any })));
});
for (const [n, r] of Object.entries({ response: () => new Response('{"a":1}'), read: async () => { const x = new Response("a"); await x.text(); return x; }, stream: () => new ReadableStream(), gen: async function* () { yield 1; }, fn: () => () => 5, throwsThen: () => ({ then() { throw new Error("t"); } }), never: () => new Promise(() => {}) }))
  await attack(`function gives ${n}`, async () => {
    const t = await toolgenOf({ tools: [tool("a")] as any, answers: ANS as any }, { a: r as any });
    const out = await collect(t.run("do a", { timeoutMs: 100 }));
    return types(out) + " answer=" + (out.find((e) => e.type === "answer") as any)?.text;
  });
for (const timeoutMs of [NaN, -1, Infinity, null, "5000"])
  await attack(`timeoutMs ${timeoutMs}`, async () => {
    const t = await toolgenOf({ tools: [tool("a")] as any, answers: ANS as any }, { a: () => new Promise((r) => setTimeout(r, 30, 1)) });
    return types(await collect(t.run("do a", { timeoutMs: timeoutMs as any })));
  });
for (const o of [{ maxBytes: NaN }, { retries: NaN }, { retries: "x" }, { origins: "https://a.example" }, { origins: [10n] }, { origins: 5 }, { fetch: async () => undefined }, { fetch: async () => ({}) }, { fetch: async () => { const r = new Response("{}"); await r.text(); return r; } }, { fetch: async () => { const r = new Response("{}"); r.body!.getReader(); return r; } }, { fetch: async () => Response.error() }, { fetch: async () => new Response(null, { status: 204 }) }, { fetch: async () => new Response(null, { status: 304 }) }, { headers: { a: "b" } }, { maxBytes: -1 }])
  await attack(`execute ${JSON.stringify(o, (_, v) => typeof v === "bigint" ? "big" : Number.isNaN(v) ? "NaN" : typeof v === "function" ? String(v).slice(0,90) : v)}`, () => execute({ name: "t", description: "", parameters: {}, http: { method: "GET", url: "https://a.example/x" } } as any, {}, { fetch: async () => new Response("{}"), retries: 0, ...o } as any));
await attack("request event mutated", async () => {
  let url = "";
  await execute({ name: "t", description: "", parameters: {}, http: { method: "GET", url: "https://a.example/x" } } as any, {}, { fetch: (async (u: any) => { url = u; return new Response("{}"); }) as any, onEvent: (e) => { if (e.type === "request") e.request.url = "https://evil.example/"; } });
  return url;
});
await attack("parseJson redos (100 kB)", () => {
  const t = Date.now();
  try { parseJson('1234567890123456"' + '\\"'.repeat(50_000)); } catch {}
  return `${Date.now() - t} ms`;
});
await attack("options mutated after unregister", async () => {
  const t = await toolgenOf({ tools: [tool("a"), tool("b")] as any, answers: ANS as any }, {});
  const names = ["a"];
  const p = t.unregister(names);
  names[0] = "b";
  await p;
  return t.tools.map((x) => x.name);
});
await attack("signal without throwIfAborted/reason", async () => {
  const t = await toolgenOf({ tools: [tool("a")] as any, answers: ANS as any }, { a: () => 1 });
  const s = { aborted: true, addEventListener() {}, removeEventListener() {} };
  const r: string[] = [];
  await t.retrieve("do a", { signal: s as any }).catch((e) => r.push(show(e)));
  await collect(t.run("do a", { signal: s as any })).catch((e) => r.push(show(e)));
  await load({ checkpoint: "https://x.example/m.json", signal: s as any }).catch((e) => r.push(show(e)));
  return r;
});
await attack("trace with cyclic", () => { const c: any = {}; c.c = c; return writeTrace([{ atMs: 0, event: { type: "observation", observation: { result: c, body: c } } as any }]); });
await attack("trace with {error,message} body", async () => { const text = writeTrace([{ atMs: 0, event: { type: "observation", observation: { result: {}, body: { error: "e", message: "m" } } } as any }]); const [e] = await collect(replay(text)) as any; return `${e.observation.body}`; });
await attack("create(req, null)", () => createChatCompletions(createFakeToolgen({ tools: [tool("a")] as any })).create({ messages: [{ role: "user", content: "x" }] } as any, null as any));
await attack("create(req, {signal:5})", () => createChatCompletions(createFakeToolgen({ tools: [tool("a")] as any })).create({ messages: [{ role: "user", content: "x" }] } as any, { signal: 5 } as any));
await attack("conversation: property with a dot", async () => {
  const dotted = tool("a", { parameters: { type: "object", properties: { "page.size": { type: "integer" } }, required: ["page.size"], additionalProperties: false } });
  const t = await toolgenOf({ tools: [dotted] as any, answers: { q: { name: "a", arguments: {}, lacks: ["page.size"] } } as any }, { a: (x: any) => x });
  const c = await t.conversation();
  await collect(c.run("q"));
  return [c.asked!.parameters, types(await collect(c.answer({ "page.size": 3 })))];
});
await attack("conversation: forget in mid-run", async () => {
  const t = await toolgenOf({ tools: [tool("a")] as any, answers: ANS as any }, { a: () => 1 });
  const c = await t.conversation();
  for await (const e of c.run("do a")) if (e.type === "call") c.forget();
  return c.export();
});
await attack("conversation: answer aborted, then again", async () => {
  const need = tool("a", { annotations: {}, parameters: { type: "object", properties: { n: { type: "integer" } }, required: ["n"] } });
  const t = await toolgenOf({ tools: [need] as any, answers: { q: { name: "a", arguments: {}, lacks: ["n"] } } as any }, { a: (x: any) => x });
  const c = await t.conversation();
  await collect(c.run("q"));
  const stop = new AbortController();
  await collect(c.answer({ n: 1 }, { signal: stop.signal, approve: () => { stop.abort(); return new Promise(() => {}); } })).catch(() => {});
  return [c.asked === undefined, c.export(), await collect(c.answer({ n: 2 }, { approve: () => true })).then(types, show)];
});
for (const history of [[null], [{}], [{ query: 5, call: { name: 5, arguments: 7 } }], [{ query: "x", call: { name: "a", arguments: {} }, observation: 5 }], [{ query: "x", call: "a" }], [{ query: { text: "x" }, call: {} }]])
  await attack(`history ${JSON.stringify(history)}`, async () => {
    const t = await toolgenOf({ tools: [tool("a")] as any, answers: { q: { name: "a", arguments: {}, sure: false } } as any }, { a: () => 1 });
    const c = await t.conversation({ history: history as any });
    return types(await collect(c.run("q", { unsure: "call" })));
  });
await attack("register aborted when it is done", async () => {
  const t = await toolgenOf({ tools: [tool("a")] as any, answers: { q: { name: "late", arguments: {} } } as any }, { a: () => 1 });
  const stop = new AbortController();
  const p = t.register([{ name: "late", description: "Late", inputSchema: { type: "object" }, annotations: { readOnlyHint: true }, execute: () => "late ran" }], { signal: stop.signal, onProgress: () => setTimeout(() => stop.abort(), 0) });
  const r = await p.then(() => "resolved", show);
  await new Promise((x) => setTimeout(x, 50));
  return [r, t.tools.map((x) => x.name), (await t.retrieve("q")).map((x) => x.name), types(await collect(t.run("q")))];
});
await attack("worker that posts a text", async () => {
  const w: any = { onmessage: null, postMessage() { queueMicrotask(() => this.onmessage({ data: "ready" })); }, terminate() {} };
  const c = new Client(w);
  c.ask({ type: "memory" }).catch(() => {}); return "no throw";
});
await attack("now at the end of time", async () => { const t = await toolgenOf({ tools: [tool("a")] as any, answers: ANS as any }, { a: () => 1 }); return Promise.all([8.64e15, -8.64e15, 2.2e14, -2.2e14].map((n) => t.call("do a", { now: new Date(n) }).then((r) => r.call, show))); });
closeAll();
process.exit(0);
