/** A JSON text with its places: where each value stands, or where the text stops being JSON. */

export type Span = readonly [from: number, to: number];

export type Read =
  | {
      value: unknown;
      /** Of each value by its path, `city` or `to.0.mail`; that of the whole is "". */
      places: Map<string, Span>;
      /** Where the value ends; anything may follow. */
      end: number;
    }
  /** No JSON text begins with more than so many characters of it; with all of them, if it only ends too early. */
  | { brokenAt: number };

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** One character of a text, or the escape of one. */
const CHARACTER = /[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;
const WORDS: [word: string, value: unknown][] = [
  ["true", true],
  ["false", false],
  ["null", null],
];
/** Deeper ones are no arguments of any tool. */
const MAX_DEPTH = 64;

class Broken extends Error {
  constructor(readonly at: number) {
    super();
  }
}

export function readJson(text: string): Read {
  const reader = new Reader(text);
  try {
    const value = reader.value("");
    return { value, places: reader.places, end: reader.at };
  } catch (error) {
    if (error instanceof Broken) return { brokenAt: error.at };
    throw error;
  }
}

class Reader {
  readonly places = new Map<string, Span>();
  at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  value(path: string, depth = 0): unknown {
    this.#take(SPACE);
    const from = this.at;
    const value = this.#value(path, depth);
    this.places.set(path, [from, this.at]);
    return value;
  }

  #value(path: string, depth: number): unknown {
    if (depth > MAX_DEPTH) throw new Broken(this.at);
    switch (this.#text[this.at]) {
      case "{":
        return Object.fromEntries(this.#list("}", () => this.#member(path, depth)));
      case "[":
        return this.#list("]", (index) => this.value(inside(path, index), depth + 1));
      case '"':
        return this.#string();
    }
    const word = WORDS.find(([word]) => this.#text.startsWith(word, this.at));
    if (word) {
      this.at += word[0].length;
      return word[1];
    }
    const number = this.#take(NUMBER);
    if (number === "") throw new Broken(this.at);
    return Number(number);
  }

  #member(path: string, depth: number): [name: string, value: unknown] {
    if (this.#text[this.at] !== '"') throw new Broken(this.at);
    const name = this.#string();
    this.#take(SPACE);
    this.#expect(":");
    return [name, this.value(inside(path, name), depth + 1)];
  }

  /** What stands between brackets, with commas between. */
  #list<T>(close: string, item: (index: number) => T): T[] {
    const items: T[] = [];
    this.at++;
    this.#take(SPACE);
    if (this.#text[this.at] !== close)
      do {
        this.#take(SPACE);
        items.push(item(items.length));
        this.#take(SPACE);
      } while (this.#text[this.at] === "," && ++this.at);
    this.#expect(close);
    return items;
  }

  #string(): string {
    const from = this.at++;
    while (this.#take(CHARACTER) !== "");
    this.#expect('"');
    return JSON.parse(this.#text.slice(from, this.at));
  }

  #expect(character: string): void {
    if (this.#text[this.at] !== character) throw new Broken(this.at);
    this.at++;
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const [taken = ""] = pattern.exec(this.#text) ?? [];
    this.at += taken.length;
    return taken;
  }
}

function inside(path: string, name: string | number): string {
  return path ? `${path}.${name}` : `${name}`;
}
