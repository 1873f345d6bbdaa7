/** Tools for exact fractions and ratios. */

import { commonDivisor } from "./algebra.ts";
import { tidy } from "./rounding.ts";

interface Fraction {
  top: bigint;
  bottom: bigint;
}

type Operation = "add" | "subtract" | "multiply" | "divide";

/** In lowest terms, with the sign above the line. */
function reduced({ top, bottom }: Fraction): Fraction {
  const divisor = commonDivisor(top, bottom) * (bottom < 0n ? -1n : 1n);
  return { top: top / divisor, bottom: bottom / divisor };
}

/** Reads "3/4", "-3/4" or a whole number. */
function parseFraction(text: string): Fraction {
  const [, top, bottom = "1"] = /^(-?\d+)(?:\/(\d+))?$/u.exec(text.replace(/\s/gu, "")) ?? [];
  if (top === undefined) throw new Error(`"${text}" is not a fraction such as 3/4.`);
  if (/^0+$/u.test(bottom)) throw new Error(`"${text}" divides by zero.`);
  return { top: BigInt(top), bottom: BigInt(bottom) };
}

const operations: Record<Operation, (a: Fraction, b: Fraction) => Fraction> = {
  add: (a, b) => ({ top: a.top * b.bottom + b.top * a.bottom, bottom: a.bottom * b.bottom }),
  subtract: (a, b) => operations.add(a, { ...b, top: -b.top }),
  multiply: (a, b) => ({ top: a.top * b.top, bottom: a.bottom * b.bottom }),
  divide: (a, b) => ({ top: a.top * b.bottom, bottom: a.bottom * b.top }),
};

function formatFraction({ top, bottom }: Fraction): string {
  return bottom === 1n ? `${top}` : `${top}/${bottom}`;
}

/** As a whole number and a proper fraction: 7/4 is 1 3/4. */
function formatMixed({ top, bottom }: Fraction): string {
  const [sign, size] = top < 0n ? ["-", -top] : ["", top];
  const [whole, rest] = [size / bottom, size % bottom];
  if (rest === 0n) return `${sign}${whole}`;
  return whole === 0n ? `${sign}${rest}/${bottom}` : `${sign}${whole} ${rest}/${bottom}`;
}

/** Both numbers times the smallest power of ten that makes them whole. */
function asIntegers(numbers: number[]): bigint[] {
  for (let scale = 1; scale <= 1e6; scale *= 10) {
    const scaled = numbers.map((number) => tidy(number * scale));
    if (scaled.every(Number.isSafeInteger)) return scaled.map(BigInt);
  }
  throw new Error("A ratio can have up to six decimal places.");
}

export const fractions = {
  fraction_arithmetic({ first, operation, second }: { first: string; operation: Operation; second: string }) {
    const [one, other] = [parseFraction(first), parseFraction(second)];
    if (operation === "divide" && other.top === 0n) throw new Error("Cannot divide by zero.");
    const result = reduced(operations[operation](one, other));
    return {
      fraction: formatFraction(result),
      mixed_number: formatMixed(result),
      decimal: tidy(Number(result.top) / Number(result.bottom)),
    };
  },

  simplify_ratio({ first, second }: { first: number; second: number }) {
    if (!(first > 0 && second > 0)) throw new Error("A ratio needs two numbers above zero.");
    const [top = 1n, bottom = 1n] = asIntegers([first, second]);
    const simple = reduced({ top, bottom });
    const ratio = `${simple.top}:${simple.bottom}`;
    return { ratio, text: `${first}:${second} = ${ratio}` };
  },
};
