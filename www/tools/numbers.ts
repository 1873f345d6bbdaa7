/** Tools for plain numbers: arithmetic, percentages, statistics, primes and ways to write them. */

import { evaluate } from "./calculator.ts";
import { tidy } from "./rounding.ts";

const romanSymbols: [string, number][] = [
  ["M", 1000],
  ["CM", 900],
  ["D", 500],
  ["CD", 400],
  ["C", 100],
  ["XC", 90],
  ["L", 50],
  ["XL", 40],
  ["X", 10],
  ["IX", 9],
  ["V", 5],
  ["IV", 4],
  ["I", 1],
];

/** The prefixes that programmers put before numbers of these bases. */
const basePrefixes = new Map([
  [2, /^0b/u],
  [8, /^0o/u],
  [16, /^0x/u],
]);

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function median(numbers: number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const [low, high] = [Math.floor, Math.ceil].map((round) => round((sorted.length - 1) / 2));
  return (sorted[low!]! + sorted[high!]!) / 2;
}

/** How far a sample spreads around its mean, with Bessel's correction (n - 1). */
function standardDeviation(numbers: number[]): number {
  const mean = sum(numbers) / numbers.length;
  const squares = numbers.map((number) => (number - mean) ** 2);
  return Math.sqrt(sum(squares) / (numbers.length - 1));
}

/** Prime factors in ascending order, by trial division. */
function factorise(number: number): number[] {
  const factors: number[] = [];
  let rest = number;
  for (let divisor = 2; divisor * divisor <= rest; divisor += divisor === 2 ? 1 : 2) {
    while (rest % divisor === 0) {
      factors.push(divisor);
      rest /= divisor;
    }
  }
  return rest > 1 ? [...factors, rest] : factors;
}

/** Reads digits of any base up to 36; BigInt keeps long numbers exact. */
function parseDigits(digits: string, base: number): bigint {
  const plain = digits.toLowerCase().replace(basePrefixes.get(base) ?? "", "");
  if (plain === "") throw new Error(`"${digits}" holds no digits.`);
  return Array.from(plain).reduce((total, digit) => {
    const value = Number.parseInt(digit, 36);
    if (!(value < base)) throw new Error(`"${digit}" is not a digit in base ${base}.`);
    return total * BigInt(base) + BigInt(value);
  }, 0n);
}

export const numbers = {
  calculate({ expression }: { expression: string }) {
    const result = evaluate(expression);
    return { result, text: `${expression} = ${result}` };
  },

  percentage_of({ percent, value }: { percent: number; value: number }) {
    const result = tidy((percent * value) / 100);
    return { result, text: `${percent}% of ${value} = ${result}` };
  },

  statistics_summary({ numbers }: { numbers: number[] }) {
    if (numbers.length < 2) throw new Error("Statistics need at least two numbers.");
    return {
      count: numbers.length,
      sum: tidy(sum(numbers)),
      mean: tidy(sum(numbers) / numbers.length),
      median: tidy(median(numbers)),
      minimum: Math.min(...numbers),
      maximum: Math.max(...numbers),
      standard_deviation: tidy(standardDeviation(numbers)),
    };
  },

  prime_factors({ number }: { number: number }) {
    const factors = factorise(number);
    const prime = factors.length === 1;
    const text = prime ? `${number} is prime` : `${number} = ${factors.join(" × ")}`;
    return { prime, factors, text };
  },

  /** Takes away the largest symbol that fits until nothing is left. */
  roman_numeral({ number }: { number: number }) {
    let rest = number;
    let numeral = "";
    for (const [symbol, value] of romanSymbols) {
      numeral += symbol.repeat(Math.floor(rest / value));
      rest %= value;
    }
    return { numeral };
  },

  convert_number_base({
    number,
    from_base: fromBase = 10,
    to_base: toBase,
  }: {
    number: string;
    from_base?: number;
    to_base: number;
  }) {
    const result = parseDigits(number, fromBase).toString(toBase).toUpperCase();
    return { result, text: `${number} (base ${fromBase}) = ${result} (base ${toBase})` };
  },
};
