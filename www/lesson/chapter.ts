/** What a chapter is: its words are in `text`, the rest is its file. */
import type { Toolgen } from "toolgen";
import type { MappedTool } from "../map/points.ts";
import type { LessonData } from "./data.ts";
import type { Facts } from "./facts.ts";
import type { LessonModel } from "./model.ts";
import type { ChapterId, Words } from "./text/en.ts";

/** What all chapters share. */
export interface Context {
  words: Words;
  data: LessonData;
  facts: Facts;
  /** Asked for at the start, so that it is there when the network no longer is. */
  map: Promise<MappedTool[]>;
  model: LessonModel;
}

export interface Figure {
  element: Element;
  /** Brings the figure to an idea, from 0; beyond the last one it stands for the task. */
  show(idea: number): void;
}

/** What the model says of a solution. */
export interface Verdict {
  passed: boolean;
  text: string;
  details?: Node[];
}

/** A chapter on the page, made once. */
export interface Opened {
  figure: Figure;
  /** Whether what stands in the task's fields solves it; aborted when the chapter is left. */
  check(model: Toolgen, values: string[], signal: AbortSignal): Promise<Verdict>;
}

export interface Chapter {
  id: ChapterId;
  open(context: Context): Opened;
}
