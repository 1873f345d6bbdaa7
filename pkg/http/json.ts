/** JSON as servers write it. */

/**
 * A text, a number or a word for a number that is none; whatever stands between them is passed over. A text without an end
 * goes on to the end of all: looking for it from each of its quotes would take for ever.
 */
const TOKEN = /"[^"\\]*(?:\\[^][^"\\]*)*"?|-?\d[\d.eE+-]*|-?\b(?:NaN|Infinity)\b/g;
const NEEDS_IT = /\d{16}|NaN|Infinity/;

/**
 * The value of a JSON text. Whole numbers that JavaScript can't hold exactly are texts of their digits, for an id that is
 * rounded is another id; NaN and infinities, which Python writes, are null, as `JSON.stringify` writes them.
 */
export function parseJson(text: string): unknown {
  return JSON.parse(NEEDS_IT.test(text) ? text.replace(TOKEN, exact) : text);
}

function exact(token: string): string {
  if (/^-?[1-9]\d{15,}$/.test(token)) return Number.isSafeInteger(+token) ? token : `"${token}"`;
  return /^-?[NI]/.test(token) ? "null" : token;
}

/** A number as it is written in a URL: whole ones in digits alone. */
export function digits(value: number): string {
  return Number.isInteger(value) ? BigInt(value).toString() : String(value);
}
