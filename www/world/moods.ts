/** What a mood makes of the room. */
import { LAMPS, type Room } from "./room.ts";

export const MOODS = {
  cosy: { lamps: ["floor lamp", "desk lamp"], brightness: 45, colour: "orange", blinds: "closed", degrees: 22 },
  romantic: { lamps: ["floor lamp"], brightness: 30, colour: "pink", blinds: "closed", music: "piano" },
  party: { lamps: LAMPS, brightness: 90, colour: "purple", blinds: "closed", music: "techno" },
  movie: { lamps: ["floor lamp"], brightness: 15, colour: "blue", blinds: "closed", music: undefined },
  work: { lamps: LAMPS, brightness: 100, colour: "white", blinds: "open", music: undefined },
  sleep: { lamps: [], blinds: "closed", music: undefined, degrees: 18 },
} satisfies Record<string, Partial<Room>>;

export type Mood = keyof typeof MOODS;

/** `The room is ready for …` */
export const OCCASIONS: Record<Mood, string> = {
  cosy: "a cosy evening",
  romantic: "a romantic evening",
  party: "a party",
  movie: "a movie",
  work: "work",
  sleep: "the night",
};
