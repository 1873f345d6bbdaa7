/** NDCG of questions with one right tool each. */

/** What a right tool counts at a rank, from 1; no rank, or one beyond `k`, counts nothing. */
export function gain(rank: number | undefined, k = 5): number {
  return rank === undefined || rank > k ? 0 : 1 / Math.log2(rank + 1);
}

/** With one right tool the best ranking counts 1, so the mean of the gains is the score. */
export function ndcg(ranks: readonly (number | undefined)[], k = 5): number {
  return ranks.reduce<number>((sum, rank) => sum + gain(rank, k), 0) / Math.max(1, ranks.length);
}
