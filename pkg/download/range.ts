/** A part of a file by an HTTP Range request, from servers that do as asked and from those that don't. */
import { ToolgenError } from "../core/errors.js";
import { Exchange, Interrupted, type Network } from "./exchange.js";

/** Some bytes and their place in the file. */
export interface Piece {
  at: number;
  bytes: Uint8Array;
}

export interface Part {
  url: string;
  /** Bytes from `from` up to and without `to`, of `size`. */
  from: number;
  to: number;
  size: number;
  /** `reload` goes past every cache on the way. */
  cache: RequestCache;
}

/**
 * The bytes of a part as they come. A server that ignores Range sends the file from its start: the
 * pieces then begin at 0, and go on after `to`. Throws `Interrupted` when the stream breaks;
 * `download` when the server's file or its answer is another one.
 */
export async function* fetchPart(
  { url, from, to, size, cache }: Part,
  network: Network,
): AsyncGenerator<Piece, void, void> {
  const whole = from === 0 && to === size;
  const headers: Record<string, string> = whole ? {} : { range: `bytes=${from}-${to - 1}` };
  const exchange = await Exchange.open(url, { headers, cache }, network);
  try {
    const { status } = exchange.response;
    if (status === 206) checkRange(exchange.response, { url, from, to, size });
    let at = status === 206 ? from : 0;
    const end = status === 206 ? to : size;
    for (let bytes; (bytes = await exchange.read()); ) {
      if (bytes.byteLength === 0) continue;
      yield { at, bytes };
      at += bytes.byteLength;
    }
    if (at < end) throw new Interrupted(`it ended after ${at} of ${end} bytes`);
  } finally {
    exchange.close();
  }
}

/** Another origin may hide the header; then the chunks' hashes alone decide. */
function checkRange({ headers }: Response, { url, from, to, size }: Omit<Part, "cache">): void {
  const range = headers.get("content-range");
  if (range === null) return;
  const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(range) ?? [];
  const right = Number(first) === from && Number(last) < to && (total === "*" || Number(total) === size);
  if (right) return;
  const message = `${url} was asked for the bytes ${from} to ${to - 1} of ${size} and answered with "${range}".`;
  throw new ToolgenError("download", message, { url, status: 206 });
}
