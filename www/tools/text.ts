/** Tools that count, reshape and compare text. */

type LetterCase = "upper" | "lower" | "title" | "sentence" | "camel" | "snake" | "kebab";

/** The characters a reader sees: an emoji or an accented letter counts as one. Without a segmenter, code points. */
function visibleCharacters(text: string): string[] {
  const { Segmenter } = Intl as Partial<typeof Intl>; // Firefox before 125 has none
  if (!Segmenter) return [...text.normalize("NFC")];
  return Array.from(new Segmenter(undefined, { granularity: "grapheme" }).segment(text), ({ segment }) => segment);
}

function spacedWords(text: string): string[] {
  return text.trim().split(/\s+/u).filter(Boolean);
}

/** The parts of a name in any style: "fooBar", "foo_bar" and "Foo bar" all give foo and bar. */
function nameParts(text: string): string[] {
  return (
    text
      .replace(/['’]/gu, "")
      .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, "$1 $2")
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  );
}

function capitalise(word: string): string {
  const [first = "", ...rest] = word;
  return first.toUpperCase() + rest.join("");
}

/** Latin, Greek and Cyrillic letters without their marks: é becomes e. */
export function withoutAccents(text: string): string {
  return text
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/gu, "")
    .normalize("NFC");
}

/** The letters and digits that count when two texts are compared, in one case. */
function comparableLetters(text: string): string[] {
  const letters = withoutAccents(text)
    .toLowerCase()
    .match(/[\p{L}\p{N}]/gu);
  if (!letters) throw new Error(`There are no letters in "${text}".`);
  return letters;
}

const writeInCase: Record<LetterCase, (text: string) => string> = {
  upper: (text) => text.toUpperCase(),
  lower: (text) => text.toLowerCase(),
  title: (text) => text.toLowerCase().replace(/[\p{L}\p{N}][\p{L}\p{M}\p{N}'’]*/gu, capitalise),
  sentence: (text) => text.toLowerCase().replace(/(?:^|[.!?]\s+)\p{L}/gu, (start) => start.toUpperCase()),
  camel: (text) =>
    nameParts(text)
      .map((part, index) => (index === 0 ? part : capitalise(part)))
      .join(""),
  snake: (text) => nameParts(text).join("_"),
  kebab: (text) => nameParts(text).join("-"),
};

export const text = {
  count_words({ text }: { text: string }) {
    return {
      words: spacedWords(text).length,
      characters: visibleCharacters(text).length,
      characters_without_spaces: visibleCharacters(text.replace(/\s/gu, "")).length,
    };
  },

  reverse_text({ text, unit = "letters" }: { text: string; unit?: "letters" | "words" }) {
    const reversed =
      unit === "words" ? spacedWords(text).reverse().join(" ") : visibleCharacters(text).reverse().join("");
    return { reversed };
  },

  change_case({ text, case: letterCase }: { text: string; case: LetterCase }) {
    return { text: writeInCase[letterCase](text) };
  },

  make_slug({ text }: { text: string }) {
    const slug = nameParts(withoutAccents(text).toLowerCase()).join("-");
    if (!slug) throw new Error(`There is nothing in "${text}" to make a slug from.`);
    return { slug };
  },

  /** Spaces, punctuation, accents and case are ignored. */
  is_palindrome({ text }: { text: string }) {
    const letters = comparableLetters(text);
    return { palindrome: letters.join("") === [...letters].reverse().join("") };
  },

  /** A text is no anagram of itself. */
  are_anagrams({ first, second }: { first: string; second: string }) {
    const [one, other] = [comparableLetters(first), comparableLetters(second)];
    const sameText = one.join("") === other.join("");
    const sameLetters = [...one].sort().join("") === [...other].sort().join("");
    return { anagrams: sameLetters && !sameText };
  },

  replace_text({ text, find, replacement }: { text: string; find: string; replacement: string }) {
    const pieces = text.split(find);
    return { text: pieces.join(replacement), replacements: pieces.length - 1 };
  },

  /** Sorts by value when every item is a number, otherwise alphabetically. */
  sort_items({ items, order = "ascending" }: { items: string[]; order?: "ascending" | "descending" }) {
    const allNumbers = items.every((item) => item.trim() !== "" && Number.isFinite(Number(item)));
    const alphabet = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
    const compare = allNumbers ? (a: string, b: string) => Number(a) - Number(b) : alphabet.compare;
    const direction = order === "descending" ? -1 : 1;
    return { items: [...items].sort((a, b) => direction * compare(a, b)) };
  },
};
