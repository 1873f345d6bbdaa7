/** A form's fields as a body, with its content type. */
import { hex } from "../util/hex.js";

type Field = readonly [name: string, value: string];

export function urlEncoded(fields: readonly Field[]): { type: string; body: string } {
  const body = new URLSearchParams(fields.map(([name, value]) => [name, value])).toString();
  return { type: "application/x-www-form-urlencoded", body };
}

/** RFC 7578, with names escaped as browsers escape them. */
export function multipart(fields: readonly Field[]): { type: string; body: string } {
  // No field has this line: it is made up anew each time. `crypto.randomUUID` would need a secure context.
  const boundary = hex(crypto.getRandomValues(new Uint8Array(16)));
  const escaped = (name: string) => name.replace(/[\r\n"]/g, encodeURIComponent);
  const parts = fields.map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${escaped(name)}"\r\n\r\n${value}\r\n`,
  );
  return { type: `multipart/form-data; boundary=${boundary}`, body: `${parts.join("")}--${boundary}--\r\n` };
}
