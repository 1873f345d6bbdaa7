/** A room and what there is to change in it; it is never changed itself, so that each state can be gone back to. */

export const LAMPS = ["ceiling lamp", "floor lamp", "desk lamp"] as const;
export type Lamp = (typeof LAMPS)[number];

export const COLOURS = {
  white: "#fff3dc",
  orange: "#ffab4d",
  red: "#ff5a4f",
  pink: "#ff7fc0",
  purple: "#b07bff",
  blue: "#5c9bff",
  green: "#5fd882",
  yellow: "#ffe14a",
} as const;
export type Colour = keyof typeof COLOURS;

export const STYLES = ["jazz", "classical", "rock", "pop", "piano", "techno"] as const;
export type Style = (typeof STYLES)[number];

export const SHAPES = ["circle", "star", "heart", "house", "tree", "sun", "cat", "flower"] as const;
export type Shape = (typeof SHAPES)[number];

/** What a tool of the visitor may put into the room. */
export const FINDS = ["cat", "flower", "balloon", "cake", "tree", "star"] as const;
export interface Thing {
  shape: (typeof FINDS)[number];
}

export interface Pin {
  city: string;
  latitude: number;
  longitude: number;
}

export interface Room {
  /** Those that are on. */
  lamps: readonly Lamp[];
  /** Of the lamps that are on, in percent. */
  brightness: number;
  colour: Colour;
  blinds: "open" | "closed";
  degrees: number;
  /** When it rings, in milliseconds since 1970. */
  timer?: { minutes: number; rings: number };
  music?: Style;
  list: readonly string[];
  pin?: Pin;
  drawing?: { shape: Shape; colour: Colour };
  /** What tools of the visitor have put there. */
  things: readonly Thing[];
}

export const START: Room = {
  lamps: ["ceiling lamp"],
  brightness: 80,
  colour: "white",
  blinds: "open",
  degrees: 20,
  list: ["milk"],
  things: [],
};

/** How light it is, from 0 to 1: by the window, and by each lamp. */
export function lightIn({ lamps, brightness, blinds }: Room): number {
  const window = blinds === "open" ? 0.6 : 0.1;
  return Math.min(
    1,
    window + ((lamps.length / LAMPS.length) * 0.6 + (lamps.length > 0 ? 0.15 : 0)) * (brightness / 100),
  );
}
