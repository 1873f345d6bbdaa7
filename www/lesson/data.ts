/** What the build took from the catalogue and the pack. */

/** What the lesson's words say of the catalogue and the base model. */
export interface Measured {
  tools: number;
  /** Of a tool's definition, on average. */
  characters: number;
  /** Tokens that the base model reads at most. */
  context: number;
  dimensions: number;
}

export interface Judged {
  query: string;
  /** The right one. */
  tool: string;
}

export interface LessonData {
  measured: Measured;
  documents: { name: string; text: string }[];
  questions: Judged[];
}

export async function readData(): Promise<LessonData> {
  const response = await fetch("lesson.json");
  if (!response.ok) throw new Error(`lesson.json: HTTP ${response.status}`);
  return (await response.json()) as LessonData;
}
