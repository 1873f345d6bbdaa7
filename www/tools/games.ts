/** Games of chance. */

import { randomBelow, shuffled } from "./random.ts";

type Hand = "rock" | "paper" | "scissors";

/** Each hand beats the one before it; the first beats the last. */
const hands: Hand[] = ["rock", "paper", "scissors"];
const outcomes = ["draw", "you lose", "you win"];

/** The answers of the toy, most of them hopeful. */
const answers = [
  "It is certain.",
  "It is decidedly so.",
  "Without a doubt.",
  "Yes, definitely.",
  "You may rely on it.",
  "As I see it, yes.",
  "Most likely.",
  "Outlook good.",
  "Yes.",
  "Signs point to yes.",
  "Reply hazy, try again.",
  "Ask again later.",
  "Better not tell you now.",
  "Cannot predict now.",
  "Concentrate and ask again.",
  "Don't count on it.",
  "My reply is no.",
  "My sources say no.",
  "Outlook not so good.",
  "Very doubtful.",
];

export const games = {
  magic_8_ball({ question }: { question?: string }) {
    const answer = answers[randomBelow(answers.length)]!;
    return question === undefined ? { answer } : { question, answer };
  },

  rock_paper_scissors({ choice }: { choice: Hand }) {
    const yours = hands.indexOf(choice);
    if (yours < 0) throw new Error(`"${choice}" is none of ${hands.join(", ")}.`);
    const mine = randomBelow(hands.length);
    return { i_chose: hands[mine], outcome: outcomes[(mine - yours + 3) % 3] };
  },

  /** The teams differ by at most one person. */
  split_teams({ people, teams = 2 }: { people: string[]; teams?: number }) {
    if (!Number.isInteger(teams) || teams < 1 || teams > people.length) {
      throw new Error(`${people.length} people cannot make ${teams} teams.`);
    }
    const drawn = shuffled(people);
    return {
      teams: Array.from({ length: teams }, (_, team) => drawn.filter((_, index) => index % teams === team)),
    };
  },
};
