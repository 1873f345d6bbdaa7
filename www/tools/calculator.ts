/**
 * Evaluates arithmetic written as people type it.
 *
 *     sum     = product (("+" | "-") product)*
 *     product = signed (("*" | "/")? signed)*    "(", sqrt or pi without a sign multiplies
 *     signed  = ("+" | "-") signed | power
 *     power   = atom ("^" signed)?
 *     atom    = number | "pi" | "sqrt" atom | "(" sum ")"
 */

import { tidy } from "./rounding.ts";

const token = /(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|sqrt|pi|[-+*/^()]/y;

/** Other ways to write the same signs. */
const spellings: [RegExp, string][] = [
  [/\s+/gu, " "],
  [/(?<=\d),(?=\d{3}(?!\d))/gu, ""], // 1,000 is one thousand
  [/[×·x]/gu, "*"],
  [/÷/gu, "/"],
  [/[−–]/gu, "-"],
  [/\*\*/gu, "^"],
  [/√/gu, "sqrt"],
  [/π/gu, "pi"],
];

function tokenize(expression: string): string[] {
  const text = spellings.reduce(
    (written, [spelling, sign]) => written.replace(spelling, sign),
    expression.trim().toLowerCase(),
  );
  const tokens: string[] = [];
  for (let position = 0; position < text.length; ) {
    if (text[position] === " ") {
      position += 1;
      continue;
    }
    token.lastIndex = position;
    const [match] = token.exec(text) ?? [];
    if (match === undefined) {
      throw new Error(`The calculator cannot read "${text.slice(position)}".`);
    }
    tokens.push(match);
    position += match.length;
  }
  return tokens;
}

/** A recursive-descent reader: one method for each line of the grammar above. */
class Reader {
  readonly #tokens: string[];

  constructor(expression: string) {
    this.#tokens = tokenize(expression).reverse();
  }

  whole(): number {
    const value = this.#sum();
    const rest = this.#tokens.at(-1);
    if (rest !== undefined) throw new Error(`The expression does not go on with "${rest}" there.`);
    return value;
  }

  /** Takes the next token when it is one of those wanted. */
  #take(...wanted: string[]): string | undefined {
    const next = this.#tokens.at(-1);
    return next !== undefined && wanted.includes(next) ? this.#tokens.pop() : undefined;
  }

  #sum(): number {
    let total = this.#product();
    for (let sign = this.#take("+", "-"); sign; sign = this.#take("+", "-")) {
      const term = this.#product();
      total = tidy(sign === "+" ? total + term : total - term);
    }
    return total;
  }

  #product(): number {
    let total = this.#signed();
    for (;;) {
      const sign = this.#take("*", "/");
      if (!sign && !["(", "sqrt", "pi"].includes(this.#tokens.at(-1) ?? "")) return total;
      const factor = this.#signed();
      if (sign === "/" && factor === 0) throw new Error("Division by zero has no result.");
      total = sign === "/" ? total / factor : total * factor;
    }
  }

  #signed(): number {
    const sign = this.#take("+", "-");
    if (!sign) return this.#power();
    return sign === "-" ? -this.#signed() : this.#signed();
  }

  #power(): number {
    const base = this.#atom();
    return this.#take("^") ? base ** this.#signed() : base;
  }

  #atom(): number {
    const next = this.#tokens.pop();
    if (next === undefined) throw new Error("The expression ends too early.");
    if (next === "pi") return Math.PI;
    if (next === "sqrt") return Math.sqrt(this.#atom());
    if (next === "(") {
      const value = this.#sum();
      if (!this.#take(")")) throw new Error("A bracket is not closed.");
      return value;
    }
    const value = Number(next);
    if (Number.isNaN(value)) throw new Error(`A number is missing before "${next}".`);
    return value;
  }
}

/** The value of an expression; throws an Error that says what is wrong with it. */
export function evaluate(expression: string): number {
  const value = new Reader(expression).whole();
  if (Number.isNaN(value)) throw new Error(`"${expression}" has no real value.`);
  if (!Number.isFinite(value)) throw new Error(`The result of "${expression}" is too large.`);
  return tidy(value);
}
