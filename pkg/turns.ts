/** Which of the turns before it a question is understood from. */
import type { StreamEvent } from "./core/types.js";
import type { QuestionOptions, Turn } from "./question.js";

interface Options extends Pick<QuestionOptions, "now"> {
  tools?: readonly string[];
  signal?: AbortSignal;
}

export interface Following {
  query: string;
  /** The oldest first. */
  turns: readonly Turn[];
  /** Whether the last turn asked for something. */
  isAnswer: boolean;
}

/** All turns for an answer, or for a question that isn't clear by itself; none for another. */
export async function turnsFor(
  model: { callEvents(query: string, options?: Options): AsyncIterable<StreamEvent> },
  { query, turns, isAnswer }: Following,
  options: Options,
): Promise<readonly Turn[]> {
  if (isAnswer || turns.length === 0) return turns;
  return (await isClear(model.callEvents(query, options))) ? [] : turns;
}

/**
 * Whether the model is sure of a tool without the turns before, which then would only distract: of 70 questions each of
 * which came after one of another kind, it chose the right tool for 53 with that turn and for 64 without.
 */
async function isClear(events: AsyncIterable<StreamEvent>): Promise<boolean> {
  let sure = false;
  for await (const event of events) {
    if (event.type === "ranking") ({ sure } = event);
    // From here on the ranking is settled.
    else if (event.type !== "prefill" && event.type !== "look") return sure;
  }
  return sure;
}
