/**
 * Writes ONNX files of one operator. A file is a protobuf message: fields, each a number or bytes, which may be a
 * message in turn; the numbers of the fields are those of onnx.proto.
 */
const FLOAT = 1;
const UINT8 = 2;
const INT_ATTRIBUTE = 2;

/** `times` products of x, `[1, columns]`, with one matrix of eight bits, a scale for each block: y0, y1, … */
export function matMulNBits({ rows, columns, block, weights, scales, accuracy, times }) {
  const attributes = { K: columns, N: rows, bits: 8, block_size: block, accuracy_level: accuracy };
  const outputs = Array.from({ length: times }, (_, index) => `y${index}`);
  const blocks = columns / block;
  const graph = message([
    ...outputs.map((output) => [1, node("MatMulNBits", ["x", "weights", "scales"], output, attributes)]),
    [2, "graph"],
    [5, tensor("weights", UINT8, [rows, blocks, block], weights)],
    [5, tensor("scales", FLOAT, [rows, blocks], scales)],
    [11, valueInfo("x", [1, columns])],
    ...outputs.map((output) => [12, valueInfo(output, [1, rows])]),
  ]);
  // biome-ignore format: fields in a line
  const opset = (domain, version) => [8, message([[1, domain], [2, version]])];
  return message([[1, 8], [7, graph], opset("", 17), opset("com.microsoft", 1)]);
}

function node(operator, inputs, output, attributes) {
  // biome-ignore format: fields in a line
  const attribute = ([name, value]) => [5, message([[1, name], [3, value], [20, INT_ATTRIBUTE]])];
  return message([
    ...inputs.map((input) => [1, input]),
    [2, output],
    [4, operator],
    ...Object.entries(attributes).map(attribute),
    [7, "com.microsoft"],
  ]);
}

function tensor(name, type, shape, { buffer }) {
  return message([...shape.map((size) => [1, size]), [2, type], [8, name], [9, new Uint8Array(buffer)]]);
}

function valueInfo(name, sizes) {
  const shape = message(sizes.map((size) => [1, message([[1, size]])]));
  // biome-ignore format: fields in a line
  return message([[1, name], [2, message([[1, message([[1, FLOAT], [2, shape]])]])]]);
}

/** Pairs of a field's number and its value. */
function message(fields) {
  const parts = fields.flatMap(([number, value]) => {
    if (typeof value === "number") return [varint(number * 8), varint(value)];
    const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
    return [varint(number * 8 + 2), varint(bytes.length), bytes];
  });
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function varint(value) {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return Uint8Array.from([...bytes, value]);
}
