import { ToolgenError } from "../core/errors.js";

/** A URL as the page means it: relative to the page's base, not to the worker's. `name` is the argument's. */
export function absolute(url: URL | string, name = "This"): string {
  const base = globalThis.document?.baseURI ?? globalThis.location?.href;
  try {
    if (typeof url === "string" || url instanceof URL) return new URL(url, base).href;
  } catch {
    // said below
  }
  const found = typeof url === "string" ? JSON.stringify(url) : typeof url;
  throw new ToolgenError("bad_argument", `${name} must be a URL, not ${found}.`);
}
