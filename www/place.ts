/** Where a question goes: which tools it may lead to. */
import type { Tool } from "toolgen";
import type { OwnTool } from "./world/own-tool.ts";

export type PlaceName = "catalogue" | "room";

/** What a link to a question brings, so that it can be asked in another browser. */
export interface Carried {
  /** Tools of the visitor in the room. */
  own?: OwnTool[];
  /** Tools that were added to the catalogue, carried out over HTTP: functions can't be sent. */
  tools?: Tool[];
}

export interface Place {
  name: PlaceName;
  /** Resolves when its tools can be called; `tell` hears how that goes meanwhile. */
  prepare(tell: (text: string) => void): Promise<void>;
  /** Names of the tools to choose from; undefined for all. */
  tools(): string[] | undefined;
  /** What its tools change can be undone, so that nobody is asked before. */
  undoable: boolean;
  /** What the page doesn't have by itself. */
  carried(): Carried;
}
