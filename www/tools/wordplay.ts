/** Tools that count letters and play with words. */

import { withoutAccents } from "./text.ts";

const vowelStart = /^[aeiou]/iu;

/** The consonants that move to the end: "qu" stays together, "y" counts after the first letter. */
const consonantStart = /^(?:[^aeiouqy]*qu|y?[^aeiouy]*)/iu;

function pigWord(word: string): string {
  if (vowelStart.test(word)) return `${word}way`;
  const [start = ""] = consonantStart.exec(word) ?? [];
  const moved = word.slice(start.length) + start.toLowerCase() + "ay";
  const capital = /^\p{Lu}/u.test(word);
  return capital ? moved.charAt(0).toUpperCase() + moved.slice(1) : moved;
}

function fromBinary(digits: string): string {
  const compact = digits.replace(/\s/gu, "");
  if (!/^(?:[01]{8})+$/u.test(compact)) {
    throw new Error(`"${digits}" is not made of groups of eight zeros and ones.`);
  }
  const bytes = compact.match(/.{8}/gu)!.map((group) => Number.parseInt(group, 2));
  return new TextDecoder().decode(new Uint8Array(bytes));
}

export const wordplay = {
  /** Upper and lower case count alike. */
  count_letter({ text, letter }: { text: string; letter: string }) {
    if ([...letter].length !== 1) throw new Error(`"${letter}" is not a single letter.`);
    const wanted = letter.toLowerCase();
    const count = [...text.toLowerCase()].filter((character) => character === wanted).length;
    return { count, text: `"${letter}" occurs ${count} times in "${text}"` };
  },

  /** Keeps the first of each; case and spaces around make no difference. */
  remove_duplicates({ items }: { items: string[] }) {
    const firsts = new Map<string, string>();
    for (const item of items) {
      const key = item.trim().toLowerCase();
      if (!firsts.has(key)) firsts.set(key, item.trim());
    }
    return { items: [...firsts.values()], removed: items.length - firsts.size };
  },

  make_acronym({ text }: { text: string }) {
    const words = withoutAccents(text)
      .replace(/['’]/gu, "")
      .match(/[\p{L}\p{N}]+/gu);
    if (!words) throw new Error(`There are no words in "${text}".`);
    return {
      acronym: words
        .map((word) => [...word][0])
        .join("")
        .toUpperCase(),
    };
  },

  pig_latin({ text }: { text: string }) {
    if (!/\p{L}/u.test(text)) throw new Error(`There are no words in "${text}".`);
    return { pig_latin: text.replace(/\p{L}[\p{L}'’]*/gu, pigWord) };
  },

  /** Eight digits for each byte of UTF-8; text of nothing but such digits is read back. */
  binary_text({ text }: { text: string }) {
    if (/^[01\s]{8,}$/u.test(text)) return { text: fromBinary(text) };
    const bytes = Array.from(new TextEncoder().encode(text));
    return { text: bytes.map((byte) => byte.toString(2).padStart(8, "0")).join(" ") };
  },
};
