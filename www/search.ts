/** Whether a text answers a search: each word that is looked for begins one of its words. */
export function matcher(search: string): (text: string) => boolean {
  const wanted = wordsIn(search);
  return (text) => {
    const words = wordsIn(text);
    return wanted.every((prefix) => words.some((word) => word.startsWith(prefix)));
  };
}

function wordsIn(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
