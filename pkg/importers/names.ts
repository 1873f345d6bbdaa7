/** Names for tools that come from several places. */
import type { ImportedTool, ToolSource } from "./types.js";

const MAX_LENGTH = 128;
const MAX_PREFIX = 40;

/**
 * All tools in one list. A name that several sources use gets its source's name as a prefix,
 * everywhere, so that no name depends on the order of the sources; other names stay.
 */
export function combineTools(...sources: readonly Pick<ToolSource, "name" | "tools">[]): ImportedTool[] {
  const uses = new Map<string, number>();
  for (const { tools } of sources) for (const { name } of tools) uses.set(name, (uses.get(name) ?? 0) + 1);
  const taken = new Set(uses.keys());
  return sources.flatMap(({ name: source, tools }) =>
    tools.map((tool) => {
      if (uses.get(tool.name) === 1) return tool;
      const name = prefixed(source, tool.name, taken);
      taken.add(name);
      return { ...tool, name };
    }),
  );
}

/** A name of ours for one of any script and with any characters, which gets a number while it is taken. */
export function plainName(name: string, taken: ReadonlySet<string>): string {
  const stem =
    name
      .normalize("NFKD")
      .replace(/\p{M}+/gu, "")
      .replace(/[^A-Za-z0-9_.-]+/g, "_")
      .replace(/^_+|_+$/g, "")
      .slice(0, MAX_LENGTH - 6) || "tool";
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? stem : `${stem}_${number}`;
    if (!taken.has(candidate)) return candidate;
  }
}

/** The name behind a prefix, which gets a number while the whole is taken. */
export function prefixed(source: string, name: string, taken: ReadonlySet<string>): string {
  const stem =
    source
      .replace(/[^A-Za-z0-9_.-]+/g, "_")
      .replace(/^[_.-]+|[_.-]+$/g, "")
      .slice(0, MAX_PREFIX) || "other";
  for (let number = 1; ; number++) {
    const candidate = `${stem}${number === 1 ? "" : number}_${name}`.slice(0, MAX_LENGTH);
    if (!taken.has(candidate)) return candidate;
  }
}
