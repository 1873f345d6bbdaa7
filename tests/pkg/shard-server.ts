/** A host of shards that counts what it serves, and that can be told to misbehave for one request. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Served {
  file: string;
  range?: string;
  /** Who asked, by the header `x-visit`. */
  visit: string;
  /** Bytes of the body that were sent. */
  bytes: number;
  closed: boolean;
}

/** What one request asked for, and the means to answer it. */
export interface Turn {
  request: IncomingMessage;
  response: ServerResponse;
  content: Uint8Array;
  from: number;
  to: number;
  /** Sends the headers of an honest answer. */
  head(): void;
  /** Sends some of the body and counts it. */
  send(bytes: Uint8Array): void;
  /** Ends the connection behind what was sent, in the middle of the body. */
  cut(): void;
}

type Behaviour = (turn: Turn) => unknown;

export class ShardServer {
  readonly files = new Map<string, Uint8Array>();
  readonly log: Served[] = [];
  /** How many answers were under way at once, at most. */
  busiest = 0;
  /** Every answer, unless `next` has one for the file. */
  behaviour: Behaviour = honest;
  readonly #open = new Set<ServerResponse>();
  readonly #next = new Map<string, Behaviour[]>();
  readonly #server = createServer((request, response) => this.#answer(request, response));

  static async start(): Promise<ShardServer> {
    const server = new ShardServer();
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** The next answers for a file, one each. */
  next(file: string, ...behaviours: Behaviour[]): void {
    this.#next.set(file, behaviours);
  }

  of(file: string): Served[] {
    return this.log.filter((served) => served.file === file);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const file = new URL(request.url!, this.url).pathname.slice(1);
    const { range } = request.headers;
    const served: Served = { file, range, visit: String(request.headers["x-visit"]), bytes: 0, closed: false };
    this.log.push(served);
    response.on("close", () => (served.closed = true));
    this.#open.add(response);
    for (const other of this.#open) if (other.writableEnded || other.destroyed) this.#open.delete(other);
    this.busiest = Math.max(this.busiest, this.#open.size);
    const content = this.files.get(file);
    if (!content) return void response.writeHead(404).end();
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? "") ?? [];
    const from = Number(first ?? 0);
    const to = last === undefined ? content.length : Math.min(Number(last) + 1, content.length);
    const turn: Turn = {
      request,
      response,
      content,
      from,
      to,
      head() {
        const headers = { "content-length": to - from, "content-range": `bytes ${from}-${to - 1}/${content.length}` };
        if (range === undefined) response.writeHead(200, { "content-length": content.length });
        else response.writeHead(206, headers);
      },
      send(bytes) {
        served.bytes += bytes.length;
        response.write(bytes);
      },
      cut: () => response.socket!.end(),
    };
    (this.#next.get(file)?.shift() ?? this.behaviour)(turn);
  }
}

/** In pieces that fit no chunk. */
export function honest({ response, content, from, to, head, send }: Turn): void {
  head();
  for (let at = from; at < to; at += 1500) send(content.subarray(at, Math.min(at + 1500, to)));
  response.end();
}

export function ignoreRange({ response, content, send }: Turn): void {
  response.writeHead(200, { "content-length": content.length });
  send(content);
  response.end();
}

/** Honest, but for one byte of the file. */
export function wrongAt(place: number): Behaviour {
  return (turn) => {
    const content = turn.content.slice();
    content[place]! ^= 1;
    honest({ ...turn, content });
  };
}

export function status(code: number, headers: Record<string, string> = {}): Behaviour {
  return ({ response }) => response.writeHead(code, headers).end();
}
