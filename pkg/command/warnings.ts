/** What became of tools, a line each. */
import type { Conflict } from "../core/types.js";
import type { Narrowed, Problem } from "../protocol.js";

interface Outcome {
  narrowed: readonly Narrowed[];
  skipped: readonly Problem[];
  conflicts?: readonly Conflict[];
}

/** Of pairs that may be confused: documents of hundreds of operations have as many. */
const MOST_PAIRS = 20;

export function warningsOf({ narrowed, skipped, conflicts = [] }: Outcome): string[] {
  return [
    ...skipped.map(({ name, message }) => `${name} is left out: ${message.replace(`tool \`${name}\`: `, "")}.`),
    ...narrowed.map(({ name, leftOut }) => `${name} goes without a part of its schema: ${leftOut.join("; ")}.`),
    ...conflicts.slice(0, MOST_PAIRS).map(({ tools: [one, other], similarity }) => {
      const percent = Math.round(100 * similarity);
      return `${one} and ${other} may be confused (${percent} % alike): say in their descriptions how they differ.`;
    }),
    ...(conflicts.length > MOST_PAIRS ? [`${conflicts.length - MOST_PAIRS} other pairs may be confused, too.`] : []),
  ];
}
