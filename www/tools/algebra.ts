/** Tools for school mathematics: equations, divisors and counting; long results are exact text. */

import { tidy } from "./rounding.ts";

function requireWhole(number: number, least: number): void {
  if (!Number.isSafeInteger(number) || number < least) {
    throw new Error(`${number} is not a whole number of at least ${least}.`);
  }
}

/** Euclid's algorithm. */
export function commonDivisor(a: bigint, b: bigint): bigint {
  let [divisor, rest] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (rest !== 0n) [divisor, rest] = [rest, divisor % rest];
  return divisor;
}

function positiveIntegers(numbers: number[]): bigint[] {
  if (numbers.length < 2) throw new Error("It takes at least two numbers.");
  for (const number of numbers) requireWhole(number, 1);
  return numbers.map(BigInt);
}

/** The product of the whole numbers after `low` up to `high`. */
function productOfRange(low: number, high: number): bigint {
  let product = 1n;
  for (let factor = low + 1; factor <= high; factor += 1) product *= BigInt(factor);
  return product;
}

function signed(number: number, letter: string): string {
  return `${number < 0 ? "-" : "+"} ${tidy(Math.abs(number))}${letter}`;
}

export const algebra = {
  /** Complex solutions are written as text such as "-1 + 2i". */
  quadratic_equation({ a, b, c }: { a: number; b: number; c: number }) {
    if (a === 0) throw new Error("With a = 0 the equation is not quadratic.");
    const discriminant = tidy(b * b - 4 * a * c);
    const middle = tidy(-b / (2 * a));
    const distance = tidy(Math.sqrt(Math.abs(discriminant)) / Math.abs(2 * a));
    const solutions =
      discriminant < 0
        ? [-distance, distance].map((part) => `${middle} ${signed(part, "i")}`)
        : [...new Set([tidy(middle - distance), tidy(middle + distance)])];
    return { solutions, discriminant, real: discriminant >= 0 };
  },

  greatest_common_divisor({ numbers }: { numbers: number[] }) {
    const result = positiveIntegers(numbers).reduce(commonDivisor).toString();
    return { result, text: `The greatest common divisor of ${numbers.join(", ")} is ${result}` };
  },

  least_common_multiple({ numbers }: { numbers: number[] }) {
    const result = positiveIntegers(numbers)
      .reduce((multiple, number) => (multiple / commonDivisor(multiple, number)) * number)
      .toString();
    return { result, text: `The least common multiple of ${numbers.join(", ")} is ${result}` };
  },

  factorial({ number }: { number: number }) {
    requireWhole(number, 0);
    if (number > 1000) throw new Error("Factorials above 1000! are too long to show.");
    return { result: productOfRange(0, number).toString() };
  },

  /** Ways to choose without regard to order, and ways to line the chosen up. */
  combinations({ total, choose }: { total: number; choose: number }) {
    requireWhole(total, 0);
    requireWhole(choose, 0);
    if (choose > total) throw new Error(`Cannot choose ${choose} of ${total}.`);
    if (total > 1000) throw new Error("Numbers of more than 1000 things are too long to show.");
    const permutations = productOfRange(total - choose, total);
    return {
      combinations: (permutations / productOfRange(0, choose)).toString(),
      permutations: permutations.toString(),
    };
  },

  /** The first and the second number of the sequence are both 1. */
  fibonacci_number({ position }: { position: number }) {
    requireWhole(position, 1);
    if (position > 1000) throw new Error("Beyond position 1000 the numbers are too long to show.");
    let [current, next] = [1n, 1n];
    for (let step = 1; step < position; step += 1) [current, next] = [next, current + next];
    return { number: current.toString() };
  },

  percent_change({ from, to }: { from: number; to: number }) {
    if (from === 0) throw new Error("A change from 0 cannot be said in percent.");
    const percent = tidy(((to - from) / Math.abs(from)) * 100);
    const kind = percent < 0 ? "decrease" : "increase";
    return { percent, text: `${from} to ${to}: ${Math.abs(percent)}% ${kind}` };
  },
};
