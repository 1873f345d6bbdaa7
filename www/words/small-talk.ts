/** What is said to the page and is no question for a tool. */

import type { PlaceName } from "../place.ts";

export interface Reply {
  text: string;
  /** Examples are shown beneath. */
  examples: boolean;
}

const GREETING = /^(hi|hiya|hello|hey|howdy|greetings|good (morning|afternoon|evening|day)|hello there|hi there)$/;
const HELP =
  /^(help|help me|(so )?what can (you|i|this|it) (do|ask)( for me| here| with (you|this|it))?|what do you do|what is this|who are you|what are you|how (does|do) (this|it|you) work|what can i ask( you| here)?|(show me )?(some )?examples)$/;
const THANKS = /^(thanks|thank you|thanks a lot|thank you very much|many thanks|thx|cheers|great|nice|cool|ok|okay)$/;
const FAREWELL = /^(bye|goodbye|good night|see you|bye bye)$/;

/** Undefined for a question, which is the model's to answer. In a room “good night” is an order. */
export function replyTo(said: string, place: PlaceName = "catalogue"): Reply | undefined {
  const text = said
    .toLowerCase()
    .replace(/[!?.,…]+/g, "")
    .replace(/\s+/g, " ")
    .trim();
  if (GREETING.test(text))
    return { text: "Hello! Ask me something that one of this page's tools can answer, such as:", examples: true };
  if (HELP.test(text))
    return {
      text: "A small language model in this page picks one of the tools for your question and calls it. It doesn't chat; it answers questions such as:",
      examples: true,
    };
  if (THANKS.test(text)) return { text: "You are welcome. What else would you like to know?", examples: false };
  if (FAREWELL.test(text) && place !== "room")
    return { text: "Goodbye! The model stays in this browser for your next visit.", examples: false };
  return undefined;
}
