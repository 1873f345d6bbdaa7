/** What to try in the room, from one call to a tool of one's own, and when it is done. */
import type { Result } from "../result.ts";

export interface Level {
  title: string;
  /** What it shows. */
  about: string;
  /** To press, one after the other; without any it is the visitor's turn. */
  questions: readonly string[];
  /** Each is understood from the one before. */
  follow?: true;
  /** Whether an answer does it; `own` are the visitor's tools. */
  met(result: Result, own: ReadonlySet<string>): boolean;
}

const FOLLOW_UP = /^(and|now|also|the|what about|same|not)\b/i;

export const LEVELS: readonly Level[] = [
  {
    title: "Say what you mean",
    about: "No tool is called “cosy”: the model finds the one that fits.",
    questions: ["Make it cosy", "Darker please", "I'm cold", "Draw a red heart", "Add eggs to the shopping list"],
    met: ({ calls }) => calls.length > 0,
  },
  {
    title: "Two wishes at once",
    about: "After the first call the model looks whether more was asked for.",
    questions: ["Play some jazz and close the blinds"],
    met: ({ calls }) => calls.length > 1,
  },
  {
    title: "Leave something out",
    about: "What you don't say is asked for, never made up.",
    questions: ["Set a timer"],
    met: ({ missing = [] }) => missing.length > 0,
  },
  {
    title: "Follow up",
    about: "Ask both, one after the other: the second means nothing by itself.",
    questions: ["Where is Lima?", "And Oslo?"],
    follow: true,
    met: ({ question, calls }) => calls.length > 0 && FOLLOW_UP.test(question.trim()),
  },
  {
    title: "Ask for too much",
    about: "“No tool fits” is one of the choices, so nothing happens by mistake.",
    questions: ["Make me a sandwich"],
    met: ({ abstained }) => abstained === true,
  },
  {
    title: "Bring a tool",
    about: "Add one, then ask for it in other words than its description has.",
    questions: [],
    met: ({ calls }, own) => calls.some(({ name }) => own.has(name)),
  },
];
