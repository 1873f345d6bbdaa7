/** Where in the lesson one is, and how the page's address says it: `#token/3` is the third idea of that chapter. */

export interface Place {
  /** From 0. */
  chapter: number;
  /** From 0; the task comes after the last idea. */
  idea: number;
}

/** What a chapter is, to find places in. */
export interface Outline {
  id: string;
  /** Ideas, and the task. */
  steps: number;
}

export function addressOf({ chapter, idea }: Place, outline: readonly Outline[]): string {
  return `#${outline[chapter]!.id}/${idea + 1}`;
}

/** The place that an address says; the beginning where it says none that there is. */
export function placeIn(hash: string, outline: readonly Outline[]): Place {
  const [id, number = "1"] = hash.replace(/^#/, "").split("/");
  const chapter = outline.findIndex((entry) => entry.id === id);
  if (chapter < 0) return { chapter: 0, idea: 0 };
  const idea = Math.trunc(Number(number)) - 1;
  return { chapter, idea: Math.min(Math.max(idea || 0, 0), outline[chapter]!.steps - 1) };
}

/** One idea on or back, over the chapters' borders; undefined at both ends of the lesson. */
export function moved({ chapter, idea }: Place, by: 1 | -1, outline: readonly Outline[]): Place | undefined {
  const to = idea + by;
  if (to >= 0 && to < outline[chapter]!.steps) return { chapter, idea: to };
  const next = outline[chapter + by];
  return next && { chapter: chapter + by, idea: by > 0 ? 0 : next.steps - 1 };
}
