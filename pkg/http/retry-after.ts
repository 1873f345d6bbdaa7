/**
 * The time that a `Retry-After` header asks for, in milliseconds; undefined when there is none that
 * can be read. Across origins a page sees the header only if the server exposes it
 * (`Access-Control-Expose-Headers`). Of HTTP's three forms of a date only the one that servers may
 * send is read.
 */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  const text = header?.trim() ?? "";
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  if (!/^\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT$/.test(text)) return undefined;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
