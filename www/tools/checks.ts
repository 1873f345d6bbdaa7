/** Tools that check numbers with check digits, and passwords. */

const commonPasswords = new Set([
  "password",
  "passw0rd",
  "password1",
  "password123",
  "123456",
  "12345678",
  "123456789",
  "1234567890",
  "qwerty",
  "qwerty123",
  "abc123",
  "letmein",
  "welcome",
  "iloveyou",
  "admin",
  "monkey",
  "dragon",
  "football",
  "sunshine",
  "princess",
  "111111",
  "123123",
]);

/** The kinds of characters, and how many of each there are to guess from. */
const characterKinds: [RegExp, number][] = [
  [/\p{Ll}/u, 26],
  [/\p{Lu}/u, 26],
  [/\d/u, 10],
  [/[^\p{L}\d]/u, 33],
];

const verdicts: [verdict: string, belowBits: number][] = [
  ["very weak", 28],
  ["weak", 45],
  ["fair", 65],
  ["strong", 90],
  ["very strong", Infinity],
];

function weightedSum(digits: string, weight: (index: number) => number): number {
  return [...digits].reduce((sum, digit, index) => sum + weight(index) * (digit === "X" ? 10 : Number(digit)), 0);
}

/** Repeating one character adds next to nothing to guess. */
function guessBits(password: string): number {
  if (commonPasswords.has(password.toLowerCase())) return 0;
  const alphabet = characterKinds.filter(([kind]) => kind.test(password)).reduce((sum, [, size]) => sum + size, 0);
  const unrepeated = password.replace(/(.)\1+/gu, "$1");
  return [...unrepeated].length * Math.log2(alphabet);
}

export const checks = {
  check_isbn({ isbn }: { isbn: string }) {
    const digits = isbn.toUpperCase().replace(/[\s-]/gu, "");
    if (!/^(?:\d{9}[\dX]|\d{13})$/u.test(digits)) {
      throw new Error(`"${isbn}" does not have the 10 or 13 digits of an ISBN.`);
    }
    const valid =
      digits.length === 10
        ? weightedSum(digits, (index) => 10 - index) % 11 === 0
        : weightedSum(digits, (index) => (index % 2 === 0 ? 1 : 3)) % 10 === 0;
    return { valid, kind: `ISBN-${digits.length}` };
  },

  /** An estimate from length and kinds of characters, and a short list of common passwords. */
  password_strength({ password }: { password: string }) {
    if (password === "") throw new Error("There is no password to judge.");
    const bits = Math.round(guessBits(password));
    const [verdict] = verdicts.find(([, limit]) => bits < limit)!;
    return { verdict, bits, length: [...password].length };
  },
};
