/** How much a run has read, and what it was spared. */
import type { Tool } from "toolgen";
import type { Traced } from "toolgen/trace";

/** A rule of thumb for English and JSON. */
export const CHARACTERS_A_TOKEN = 4;

/** Each reading says how far it is; its last event says all of it. */
export function tokensRead(entries: readonly Traced[]): number {
  return entries.reduce(
    (sum, { event }) => sum + (event.type === "prefill" && event.done === event.total ? event.total : 0),
    0,
  );
}

/** What the definitions of all tools would take in a prompt, about. */
export function definitionTokens(tools: readonly Pick<Tool, "name" | "description" | "parameters">[]): number {
  const characters = tools.reduce(
    (sum, { name, description, parameters }) => sum + JSON.stringify({ name, description, parameters }).length,
    0,
  );
  return Math.round(characters / CHARACTERS_A_TOKEN);
}
