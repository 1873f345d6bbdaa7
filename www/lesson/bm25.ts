/** BM25 (Robertson and Zaragoza, 2009), as the project's reports judge it: `src/evaluation/baselines/bm25.rs`. */
const K1 = 1.2;
const B = 0.75;

export class Bm25 {
  /** Word → how often it is in each document. */
  readonly #postings = new Map<string, Map<number, number>>();
  readonly #lengths: number[] = [];
  readonly #mean: number;

  constructor(documents: readonly string[]) {
    for (const [index, document] of documents.entries()) {
      const words = wordsOf(document);
      this.#lengths.push(words.length);
      for (const word of words) {
        const posting = this.#postings.get(word) ?? new Map<number, number>();
        this.#postings.set(word, posting.set(index, (posting.get(index) ?? 0) + 1));
      }
    }
    this.#mean = this.#lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, documents.length);
  }

  /** The documents' indices, best first. */
  rank(query: string): number[] {
    const scores = this.#lengths.map(() => 0);
    for (const word of new Set(wordsOf(query))) {
      const posting = this.#postings.get(word);
      if (!posting) continue;
      const rarity = Math.log1p((scores.length - posting.size + 0.5) / (posting.size + 0.5));
      for (const [index, count] of posting) {
        const length = 1 - B + (B * this.#lengths[index]!) / this.#mean;
        scores[index]! += (rarity * count * (K1 + 1)) / (count + K1 * length);
      }
    }
    return [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b);
  }
}

/** Names are read as words, too: `weather_now` and `weatherNow` are two. */
function wordsOf(text: string): string[] {
  const parted = text.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  return parted.match(/[a-z0-9]+/g) ?? [];
}
