/** Tools that leave something to chance, drawn from the browser's cryptographic source. */

/** A whole number from 0 to `limit` - 1, each equally likely; `limit` is at most 2 ** 32. */
export function randomBelow(limit: number): number {
  const fairRange = 2 ** 32 - (2 ** 32 % limit);
  const draw = new Uint32Array(1);
  for (;;) {
    const [value = 0] = crypto.getRandomValues(draw);
    if (value < fairRange) return value % limit;
  }
}

function times<Result>(count: number, draw: () => Result): Result[] {
  return Array.from({ length: count }, draw);
}

/** A shuffled copy: each next item is drawn from those that are left. */
export function shuffled<Item>(items: readonly Item[]): Item[] {
  const left = [...items];
  return items.flatMap(() => left.splice(randomBelow(left.length), 1));
}

const letters = "abcdefghijklmnopqrstuvwxyz";
const passwordKinds = [letters, letters.toUpperCase(), "0123456789"];
const passwordSymbols = "!#$%&*+-=?@_";

/** RFC 9562, version 4; `crypto.randomUUID` is not there for pages over plain http. */
function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

export const random = {
  random_number({ from = 1, to = 100 }: { from?: number; to?: number }) {
    if (from > to) throw new Error(`There is no number from ${from} to ${to}.`);
    return { number: from + randomBelow(to - from + 1) };
  },

  roll_dice({ count = 1, sides = 6 }: { count?: number; sides?: number }) {
    const rolls = times(count, () => 1 + randomBelow(sides));
    return { rolls, total: rolls.reduce((sum, roll) => sum + roll, 0) };
  },

  flip_coin({ count = 1 }: { count?: number }) {
    const flips = times(count, () => (randomBelow(2) === 0 ? "heads" : "tails"));
    return { flips };
  },

  /** Picks different items: none is drawn twice. */
  pick_random({ items, count = 1 }: { items: string[]; count?: number }) {
    if (count > items.length) {
      throw new Error(`Cannot pick ${count} of ${items.length} items.`);
    }
    return { picked: shuffled(items).slice(0, count) };
  },

  shuffle_list({ items }: { items: string[] }) {
    return { items: shuffled(items) };
  },

  /** Draws until every kind of character occurs, so that all such passwords are equally likely. */
  generate_password({ length = 16, symbols = true }: { length?: number; symbols?: boolean }) {
    const kinds = symbols ? [...passwordKinds, passwordSymbols] : passwordKinds;
    const alphabet = kinds.join("");
    for (;;) {
      const characters = times(length, () => alphabet.charAt(randomBelow(alphabet.length)));
      const hasEveryKind = kinds.every((kind) => characters.some((one) => kind.includes(one)));
      if (hasEveryKind) return { password: characters.join("") };
    }
  },

  generate_uuid({ count = 1 }: { count?: number }) {
    return { uuids: times(count, uuid) };
  },
};
