/** A URL as the page means it: relative to the page's base, not to the worker's. */
export function absolute(url: URL | string): string {
  return new URL(url, globalThis.document?.baseURI ?? globalThis.location?.href).href;
}
