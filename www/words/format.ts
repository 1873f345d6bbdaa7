import { capitalised, wordsOf } from "./humanise.ts";
import { parseUrl } from "./url.ts";

export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

/** A number and its unit stay on one line. */
export function milliseconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)}\u00a0ms` : `${(ms / 1000).toFixed(1)}\u00a0s`;
}

export function percent(probability: number): string {
  const value = probability * 100;
  if (value > 0 && value < 0.1) return "<\u00a00.1\u00a0%";
  return `${value.toFixed(value < 99.95 ? 1 : 0)}\u00a0%`;
}

/** `weather_now` → `Weather now` */
export function titleOf(tool: { name: string; annotations?: { title?: string } }): string {
  return tool.annotations?.title ?? capitalised(wordsOf(tool.name));
}

/** Where a tool's requests go; nothing for one that runs in the page. */
export function hostOf(tool: { http?: { url: string } } | undefined): string | undefined {
  const url = tool?.http?.url.replace(/[{}]/g, "");
  return url === undefined ? undefined : parseUrl(url)?.host;
}
