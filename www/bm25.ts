/** BM25 (Robertson and Zaragoza, 2009), as the project's reports judge it: `src/evaluation/baselines/bm25.rs`. */
import type { Tool } from "toolgen";

const K1 = 1.2;
const B = 0.75;

export interface Document {
  name: string;
  text: string;
}

export interface Scored {
  name: string;
  score: number;
}

export class Bm25 {
  readonly #names: string[];
  /** Word → how often in each document. */
  readonly #postings = new Map<string, Map<number, number>>();
  /** Words in each document. */
  readonly #lengths: number[];
  readonly #meanLength: number;

  constructor(documents: readonly Document[]) {
    this.#names = documents.map(({ name }) => name);
    this.#lengths = documents.map(({ text }, index) => {
      const words = wordsIn(text);
      for (const word of words) {
        const posting = this.#postings.get(word) ?? new Map<number, number>();
        this.#postings.set(word, posting.set(index, (posting.get(index) ?? 0) + 1));
      }
      return words.length;
    });
    this.#meanLength = this.#lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, documents.length);
  }

  /** All that share a word with the question, best first. */
  rank(question: string): Scored[] {
    const scores = new Map<number, number>();
    for (const word of new Set(wordsIn(question))) {
      const posting = this.#postings.get(word);
      if (!posting) continue;
      const idf = Math.log1p((this.#names.length - posting.size + 0.5) / (posting.size + 0.5));
      for (const [index, count] of posting) {
        const length = 1 - B + (B * this.#lengths[index]!) / this.#meanLength;
        scores.set(index, (scores.get(index) ?? 0) + (idf * count * (K1 + 1)) / (count + K1 * length));
      }
    }
    const ranked = [...scores].sort(([a, scoreOfA], [b, scoreOfB]) => scoreOfB - scoreOfA || a - b);
    return ranked.map(([index, score]) => ({ name: this.#names[index]!, score }));
  }
}

export function documentOf({ name, description, parameters }: Tool): Document {
  return { name, text: `${name} ${description} ${JSON.stringify(parameters.properties ?? "")}` };
}

/** Runs of letters and digits in lower case, `camelCase` being two. */
export function wordsIn(text: string): string[] {
  const parted = text.replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2");
  return parted.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
