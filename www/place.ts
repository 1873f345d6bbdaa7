/** Where a question goes: which tools it may lead to. */

export type PlaceName = "catalogue" | "room";

export interface Place {
  name: PlaceName;
  /** Resolves when its tools can be called; `tell` hears how that goes meanwhile. */
  prepare(tell: (text: string) => void): Promise<void>;
  /** Names of the tools to choose from; undefined for all. */
  tools(): string[] | undefined;
  /** What its tools change can be undone, so that nobody is asked before. */
  undoable: boolean;
}
