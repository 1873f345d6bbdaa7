/** Tools that write text in another code: Base64, URLs, hashes, Morse, Caesar, spelling. */

import { withoutAccents } from "./text.ts";

type HashAlgorithm = "SHA-1" | "SHA-256" | "SHA-384" | "SHA-512";

// biome-ignore format: a table
const morseByCharacter = new Map(Object.entries({
  a: ".-", b: "-...", c: "-.-.", d: "-..", e: ".", f: "..-.", g: "--.", h: "....", i: "..",
  j: ".---", k: "-.-", l: ".-..", m: "--", n: "-.", o: "---", p: ".--.", q: "--.-", r: ".-.",
  s: "...", t: "-", u: "..-", v: "...-", w: ".--", x: "-..-", y: "-.--", z: "--..",
  0: "-----", 1: ".----", 2: "..---", 3: "...--", 4: "....-",
  5: ".....", 6: "-....", 7: "--...", 8: "---..", 9: "----.",
  ".": ".-.-.-", ",": "--..--", "?": "..--..", "'": ".----.", "!": "-.-.--", "/": "-..-.",
  "(": "-.--.", ")": "-.--.-", "&": ".-...", ":": "---...", ";": "-.-.-.", "=": "-...-",
  "+": ".-.-.", "-": "-....-", '"': ".-..-.", "@": ".--.-.",
}));

const characterByMorse = new Map(Array.from(morseByCharacter, ([character, morse]) => [morse, character]));

// biome-ignore format: a table
const spellingWords = [
  "Alfa", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot", "Golf", "Hotel", "India", "Juliett",
  "Kilo", "Lima", "Mike", "November", "Oscar", "Papa", "Quebec", "Romeo", "Sierra", "Tango",
  "Uniform", "Victor", "Whiskey", "X-ray", "Yankee", "Zulu",
];

const spellingByCharacter = new Map([
  ...spellingWords.map((word) => [word.charAt(0).toLowerCase(), word] as const),
  ...["Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"].map(
    (word, digit) => [String(digit), word] as const,
  ),
]);

/** Words of the text, and in each word its items, both trimmed of empty pieces. */
function splitTwice(text: string, betweenWords: RegExp, betweenItems: RegExp | ""): string[][] {
  return text
    .trim()
    .split(betweenWords)
    .map((word) => word.split(betweenItems).filter(Boolean));
}

function lookUp(table: Map<string, string>, key: string, complaint: string): string {
  const found = table.get(key);
  if (found === undefined) throw new Error(`${complaint}: "${key}".`);
  return found;
}

function toMorse(text: string): string {
  const plain = withoutAccents(text).toLowerCase().replace(/’/gu, "'");
  return splitTwice(plain, /\s+/u, "")
    .map((word) => word.map((character) => lookUp(morseByCharacter, character, "Morse code has no sign for")).join(" "))
    .join(" / ");
}

function fromMorse(morse: string): string {
  return splitTwice(morse, /\s*\/\s*|\s{3,}/u, /\s+/u)
    .map((word) => word.map((sign) => lookUp(characterByMorse, sign, "This is not a Morse sign")).join(""))
    .join(" ")
    .toUpperCase();
}

/** Moves a letter `shift` places on within its 26 letters, of which the first is at `start`. */
function rotateLetter(letter: string, shift: number): string {
  const start = letter < "a" ? 65 : 97;
  const place = (letter.charCodeAt(0) - start + shift + 26) % 26;
  return String.fromCharCode(start + place);
}

function bytesFromBase64(base64: string): Uint8Array {
  const standardAlphabet = base64.replaceAll("-", "+").replaceAll("_", "/");
  try {
    return Uint8Array.from(atob(standardAlphabet), (character) => character.charCodeAt(0));
  } catch {
    throw new Error(`"${base64}" is not valid Base64.`);
  }
}

export const encoding = {
  base64_encode({ text }: { text: string }) {
    return { base64: btoa(String.fromCharCode(...new TextEncoder().encode(text))) };
  },

  /** Takes the URL-safe alphabet as well, with or without padding. */
  base64_decode({ base64 }: { base64: string }) {
    const bytes = bytesFromBase64(base64);
    try {
      return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
    } catch {
      throw new Error(`"${base64}" decodes to bytes that are not text.`);
    }
  },

  url_encode({ text }: { text: string }) {
    return { encoded: encodeURIComponent(text) };
  },

  async text_hash({ text, algorithm = "SHA-256" }: { text: string; algorithm?: HashAlgorithm }) {
    // Pages over plain http have no WebCrypto.
    const { subtle } = crypto as { subtle?: SubtleCrypto };
    if (!subtle) throw new Error("Browsers compute hashes only for pages that came over https, or from this machine.");
    const digest = await subtle.digest(algorithm, new TextEncoder().encode(text));
    const hash = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0"));
    return { algorithm, hash: hash.join("") };
  },

  /** Translates into Morse code, or back when the text is made of dots and dashes alone. */
  morse_code({ text }: { text: string }) {
    const signs = text.replace(/[·•]/gu, ".").replace(/[−–—]/gu, "-");
    return /^[.\-\s/]+$/u.test(signs) ? { text: fromMorse(signs) } : { morse: toMorse(text) };
  },

  /** Shifts the letters A to Z; everything else stays as it is. */
  caesar_cipher({
    text,
    shift = 3,
    direction = "encode",
  }: {
    text: string;
    shift?: number;
    direction?: "encode" | "decode";
  }) {
    const places = direction === "decode" ? -shift : shift;
    return { text: text.replace(/[a-z]/giu, (letter) => rotateLetter(letter, places)) };
  },

  /** Signs that have no spelling word stand for themselves. */
  nato_alphabet({ text }: { text: string }) {
    const characters = [...withoutAccents(text).toLowerCase().replace(/\s/gu, "")];
    return {
      spelling: characters.map((sign) => spellingByCharacter.get(sign) ?? sign).join(" "),
    };
  },
};
