// A moving picture (APNG) of still ones, as browsers make them: all of one size, with the milliseconds that each is shown.
import { deflateSync, inflateSync } from "node:zlib";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const TABLE = Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value >>> 0;
});

/** `frames` are `{ png, ms }`; the result plays once and stays at its end, or again and again. */
export function animate(frames, { plays = 0 } = {}) {
  const stills = frames.map(({ png, ms }) => ({ ...open(png), ms }));
  const [{ header }] = stills;
  if (stills.some((still) => !still.header.equals(header))) throw new Error("The pictures differ in size or kind.");
  let sequence = 0;
  const chunks = [chunk("IHDR", header), chunk("acTL", numbers(frames.length, plays))];
  for (const [index, { data, ms }] of stills.entries()) {
    const place = Buffer.concat([numbers(sequence++), header.subarray(0, 8), numbers(0, 0)]);
    const shown = Buffer.alloc(6);
    shown.writeUInt16BE(ms, 0);
    shown.writeUInt16BE(1000, 2);
    chunks.push(chunk("fcTL", Buffer.concat([place, shown])));
    chunks.push(index === 0 ? chunk("IDAT", data) : chunk("fdAT", Buffer.concat([numbers(sequence++), data])));
  }
  return Buffer.concat([SIGNATURE, ...chunks, chunk("IEND", Buffer.alloc(0))]);
}

/** The header and the pixels' data, compressed as well as can be. */
function open(png) {
  const parts = { IHDR: [], IDAT: [] };
  for (let at = SIGNATURE.length; at < png.length; ) {
    const length = png.readUInt32BE(at);
    parts[png.toString("latin1", at + 4, at + 8)]?.push(png.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  return { header: parts.IHDR[0], data: deflateSync(inflateSync(Buffer.concat(parts.IDAT)), { level: 9 }) };
}

function chunk(type, data) {
  const named = Buffer.concat([Buffer.from(type, "latin1"), data]);
  return Buffer.concat([numbers(data.length), named, numbers(checksum(named))]);
}

function numbers(...values) {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => bytes.writeUInt32BE(value, 4 * index));
  return bytes;
}

/** CRC-32, as in ISO 3309. */
function checksum(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) value = (value >>> 8) ^ TABLE[(value ^ byte) & 0xff];
  return (value ^ 0xffffffff) >>> 0;
}
