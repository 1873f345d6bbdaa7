/** Writes a tool pack as the engine does, for those who read one. */

const BLOCK = 32;
/** The bits of 1 as a 16-bit float. */
const ONE = 0x3c00;

/**
 * Rows are as long as a multiple of 32, of integers from -127 to 127; each 32 have a scale, as the bits of a 16-bit float.
 *
 * @param {{ name: string, values: number[], scales?: number[] }[]} rows
 */
export function writePack(rows) {
  const width = rows[0].values.length;
  const quants = Int8Array.from(rows.flatMap(({ values }) => values));
  const scales = Uint16Array.from(rows.flatMap(({ scales }) => scales ?? Array(width / BLOCK).fill(ONE)));
  const lines = rows.map(({ name }) => `${JSON.stringify({ name, description: name, parameters: {} })}\n`).join("");
  /** @type {[string, string, number[], Uint8Array][]} */
  const parts = [
    ["rows.scales", "F16", [rows.length, width / BLOCK], new Uint8Array(scales.buffer)],
    ["rows.quants", "I8", [rows.length, width], new Uint8Array(quants.buffer)],
    ["tools", "U8", [lines.length], new TextEncoder().encode(lines)],
  ];
  let end = 0;
  const entries = parts.map(([name, dtype, shape, bytes]) => {
    const start = end;
    end += bytes.length;
    return [name, { dtype, shape, data_offsets: [start, end] }];
  });
  const header = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const size = new Uint8Array(8);
  new DataView(size.buffer).setBigUint64(0, BigInt(header.length), true);
  return Uint8Array.from([size, header, ...parts.map(([, , , bytes]) => bytes)].flatMap((bytes) => [...bytes]));
}
