/** What the engine tells of a token where it was asked to explain, beside the `arguments` events. */
export interface ExplainedToken {
  type: "token";
  text: string;
  /** The mask allowed this one alone, so it was read and not computed. */
  forced: boolean;
  /** How many tokens the mask allowed. */
  allowed: number;
  /** The likeliest of those, with what the model gave them under the mask. */
  alternatives: { text: string; probability: number }[];
}

/** The tokens of a raw completion have the same type, and none of this. */
export function isExplained(event: { type: string }): event is ExplainedToken {
  return event.type === "token" && "forced" in event && "alternatives" in event;
}
