/** Bytes that are written as text say nothing to anyone, and take all the room: what they are stands in their place. */

/** No word, name or hash is as long, of both cases and with digits. Of a long text the beginning tells. */
const BASE64 = /^(?:data:([\w.+-]+\/[\w.+-]+)?(?:;[\w=.-]+)*;base64,|(?=.*\d)(?=.*[a-z])(?=.*[A-Z])[\w+/-]{256})/;
const PREFIX = 256;

export function withoutBytes(text: string): string {
  const [found, mimeType] = BASE64.exec(text.slice(0, PREFIX)) ?? [];
  if (found === undefined) return text;
  return mimeType ? `[${mimeType}]` : `[${Math.floor((text.length * 3) / 4)} bytes]`;
}
