/** Names and numbers of data, as a person would write them. */

/** `each_pays` and `eachPays` → `each pays`; `UTC` and `e-mail` stay as they are. */
export function wordsOf(name: string): string {
  return name
    .replaceAll("_", " ")
    .replace(/([a-z])([A-Z])(?=[a-z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`)
    .trim();
}

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `temperature (°C)` is a name with a unit. */
export function labelOf(label: string): { name: string; unit?: string } {
  const [, name, unit] = /^(.*\S)\s*\(([^()\s]{1,8}(?: [^()\s]{1,6})?)\)$/.exec(label) ?? [];
  return name && unit ? { name: wordsOf(name), unit } : { name: wordsOf(label) };
}

/** At most five digits that count below a thousand, and two decimals above; 1,234,567 from five digits on. */
export function numberOf(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  const digits = size < 1000 ? { maximumSignificantDigits: 5 } : { maximumFractionDigits: 2 };
  const written: Intl.NumberFormatOptions = Number.isInteger(value) ? { maximumFractionDigits: 0 } : digits;
  if (size !== 0 && (size < 1e-6 || size >= 1e15)) return value.toExponential(3).replace(/\.?0+e/, "e");
  return value.toLocaleString("en", { ...written, useGrouping: size >= 10_000 });
}

/** 12.5 in EUR → €12.50; the code stays where it is none that is known. */
export function moneyOf(value: number, currency: string): string {
  try {
    const maximumFractionDigits = Math.abs(value) < 1 ? 6 : 2;
    return value.toLocaleString("en", {
      style: "currency",
      currency,
      maximumFractionDigits,
      trailingZeroDisplay: "stripIfInteger",
    });
  } catch {
    return `${numberOf(value)} ${currency}`;
  }
}

/** `a`, `a and b`, `a, b and c` */
export function listOf(items: readonly string[], word = "and"): string {
  if (items.length < 2) return items.join("");
  return `${items.slice(0, -1).join(", ")} ${word} ${items.at(-1)}`;
}

/** 75 000 ms → `1 min 15 s`; rounded up, so that it never says that none is left. */
export function durationOf(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes >= 10) return `${Math.ceil(seconds / 60)} min`;
  return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
}
