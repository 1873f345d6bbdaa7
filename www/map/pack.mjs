/** Reads a tool pack: the tools' documents and their rows, each of length 1. For the build and for the page. */

/** Numbers of a row that share a scale. */
const BLOCK = 32;

/**
 * @param {Uint8Array} bytes
 * @returns {{ tools: { name: string, description: string, parameters: object }[], rows: Float32Array[] }}
 */
export function readPack(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = 8 + Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, start)));
  const part = (name) => {
    const [from, to] = header[name].data_offsets;
    return bytes.subarray(start + from, start + to);
  };
  const lines = new TextDecoder().decode(part("tools")).split("\n").filter(Boolean);
  const tools = lines.map((line) => JSON.parse(line));
  const [, width] = header["rows.quants"].shape;
  const quants = part("rows.quants");
  const scales = part("rows.scales");
  const row = (index) => {
    const row = new Float32Array(width);
    for (let i = 0; i < width; i++) {
      const at = 2 * Math.floor((index * width + i) / BLOCK);
      row[i] = ((quants[index * width + i] << 24) >> 24) * half(scales[at] | (scales[at + 1] << 8));
    }
    const length = Math.hypot(...row) || 1;
    return row.map((value) => value / length);
  };
  return { tools, rows: tools.map((_, index) => row(index)) };
}

/** A 16-bit float, as its bits say. */
function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  return exponent === 0 ? sign * fraction * 2 ** -14 : sign * (1 + fraction) * 2 ** (exponent - 15);
}

/** Of rows of length 1. */
export function cosine(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** The indices of the rows nearest to `row`, nearest first, without that at `own`. */
export function nearest(rows, row, count, own = -1) {
  const cosines = rows.map((other) => cosine(other, row));
  const others = [...rows.keys()].filter((index) => index !== own);
  return others.sort((a, b) => cosines[b] - cosines[a]).slice(0, count);
}
