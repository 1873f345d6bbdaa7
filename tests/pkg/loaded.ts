/** A Toolgen whose worker is a message channel and whose module is the fake one. */
import { Client, type WorkerLike } from "../../pkg/client.ts";
import type { Functions, Tool } from "../../pkg/index.ts";
import { Toolgen } from "../../pkg/toolgen.ts";
import { serve } from "../../pkg/worker/serve.ts";
import * as fake from "./fake-wasm.ts";

let open: MessagePort[] = [];

export interface FakePack {
  tools: Tool[];
  answers: Record<string, fake.Planned | fake.Planned[] | null>;
}

/** Closes all that was opened and forgets the log. */
export function closeAll(): void {
  for (const port of open) port.close();
  open = [];
  Object.assign(fake.log, { started: [], asked: [], replies: [], rows: [], taught: [], millisecondsPerStep: 0 });
}

export async function toolgenOf(pack?: FakePack, functions: Functions = {}): Promise<Toolgen> {
  const { port1, port2 } = new MessageChannel();
  open.push(port1, port2);
  serve(port1 as never, fake, { strict: new URL("file:///toolgen_bg.wasm") });
  const client = new Client(Object.assign(port2 as unknown as WorkerLike, { terminate: () => port2.close() }));
  const bytes = pack && new TextEncoder().encode(JSON.stringify(pack));
  const tools = await client.ask({ type: "load", checkpoint: "data:application/octet-stream,GGUF", pack: bytes }, {});
  return new Toolgen(client, tools, functions);
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
