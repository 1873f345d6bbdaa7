/** The visitor's part of a pack: their tools with their rows, and the special tokens', in a file of the same form. */

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [start: number, end: number];
}

type Header = Record<string, Entry | Record<string, string>>;

/** Of an atomic pack, in which each tool has one row, in the order of the documents (`src/tool/pack.rs`). */
export function packOf(bytes: Uint8Array, names: readonly string[]): Uint8Array<ArrayBuffer> {
  const { header, data } = open(bytes);
  const tensor = (name: string) => {
    const entry = header[name] as Entry | undefined;
    if (!entry) throw new Error(`The pack has no ${name}.`);
    return { ...entry, bytes: data.subarray(...entry.data_offsets) };
  };
  const documents = new TextDecoder().decode(tensor("tools").bytes).trimEnd().split("\n");
  const wanted = new Set(names);
  const kept = documents.flatMap((line, index) =>
    wanted.has((JSON.parse(line) as { name: string }).name) ? index : [],
  );
  const rowsOf = (name: string) => {
    const { dtype, shape, bytes } = tensor(name);
    const width = bytes.length / shape[0]!;
    const special = Array.from({ length: shape[0]! - documents.length }, (_, index) => documents.length + index);
    const rows = [...kept, ...special];
    const parts = rows.map((row) => bytes.subarray(row * width, (row + 1) * width));
    return { name, dtype, shape: [rows.length, ...shape.slice(1)], parts };
  };
  const norm = tensor("norm");
  const lines = new TextEncoder().encode(kept.map((index) => `${documents[index]}\n`).join(""));
  return file(header.__metadata__ as Record<string, string>, [
    { name: "norm", dtype: norm.dtype, shape: norm.shape, parts: [norm.bytes] },
    rowsOf("rows.scales"),
    rowsOf("rows.quants"),
    { name: "tools", dtype: "U8", shape: [lines.length], parts: [lines] },
  ]);
}

function open(bytes: Uint8Array): { header: Header; data: Uint8Array } {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Header;
  return { header, data: bytes.subarray(8 + length) };
}

/** Entries stand in the order of their alignment, the widest first. */
function file(
  metadata: Record<string, string>,
  entries: { name: string; dtype: string; shape: number[]; parts: Uint8Array[] }[],
): Uint8Array<ArrayBuffer> {
  const header: Header = { __metadata__: metadata };
  let at = 0;
  for (const { name, dtype, shape, parts } of entries) {
    const start = at;
    for (const part of parts) at += part.length;
    header[name] = { dtype, shape, data_offsets: [start, at] };
  }
  const text = JSON.stringify(header);
  const encoded = new TextEncoder().encode(text);
  const length = Math.ceil(encoded.length / 8) * 8;
  const whole = new Uint8Array(8 + length + at);
  new DataView(whole.buffer).setBigUint64(0, BigInt(length), true);
  whole.fill(0x20, 8, 8 + length);
  whole.set(encoded, 8);
  let end = 8 + length;
  for (const { parts } of entries)
    for (const part of parts) {
      whole.set(part, end);
      end += part.length;
    }
  return whole;
}
