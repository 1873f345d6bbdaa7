/** A passage whose every word is one token of the base model, so that a prompt has exactly as many tokens as words. */
// biome-ignore format: a table
const PASSAGE = [
  ["museum", 6508], ["in", 281], ["the", 260], ["old", 1573], ["town", 3102], ["opens", 10573], ["every", 897],
  ["morning", 5738], ["and", 284], ["shows", 2744], ["paintings", 9843], ["of", 282], ["the", 260], ["sea", 3426],
  ["while", 979], ["visitors", 7803], ["walk", 4549], ["slowly", 6351], ["through", 738], ["long", 986],
  ["rooms", 10357], ["with", 351], ["high", 904], ["windows", 8393],
];
const FIRST = ["The", 504];

/**
 * The same prompt for engines that take text and for engines that take token ids. Prompts of different `turn`s part after
 * their first word: engines keep what they read, and a prompt is to be read in full.
 */
export function promptOf(length, turn = 0) {
  const words = [FIRST];
  while (words.length < length) words.push(PASSAGE[(words.length - 1 + turn) % PASSAGE.length]);
  return { text: words.map(([word]) => word).join(" "), ids: Uint32Array.from(words, ([, id]) => id) };
}
