/** A URL, or undefined where the text is none. `URL.canParse` and `URL.parse` are younger than the browsers that will do. */
export function parseUrl(text: string | URL, base?: string): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}
