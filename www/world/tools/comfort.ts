/** The mood of the room, its warmth and its music. */
import { defineTool } from "toolgen";
import { MOODS, OCCASIONS, type Mood } from "../moods.ts";
import { STYLES, type Style } from "../room.ts";
import type { World } from "../world.ts";

export const comfort = (world: World) => {
  const heat = (degrees: number) => {
    world.change({ degrees });
    return { text: `The thermostat is at ${degrees} °C`, degrees };
  };

  return [
    defineTool({
      name: "set_mood",
      description:
        "Makes the room cosy, romantic, or right for a party, a movie, work or sleep: lamps, blinds and music at once.",
      inputSchema: {
        type: "object",
        properties: { mood: { type: "string", enum: Object.keys(MOODS), description: "what the room is for" } },
        required: ["mood"],
        additionalProperties: false,
      },
      examples: ["Movie time!", "Good night", "We are having a party"],
      execute: ({ mood }) => {
        world.change(MOODS[mood as Mood]);
        return { text: `The room is ready for ${OCCASIONS[mood as Mood]}`, mood };
      },
    }),
    defineTool({
      name: "set_temperature",
      description: "Sets the thermostat of the room to a number of degrees Celsius.",
      inputSchema: {
        type: "object",
        properties: { degrees: { type: "number", minimum: 5, maximum: 30, description: "the temperature in °C" } },
        required: ["degrees"],
        additionalProperties: false,
      },
      execute: ({ degrees }) => heat(degrees),
    }),
    defineTool({
      name: "make_warmer",
      description: "Makes the room two degrees warmer, when someone is cold.",
      inputSchema: { type: "object", properties: {}, additionalProperties: false },
      examples: ["I'm cold", "It's freezing in here"],
      execute: () => heat(Math.min(30, world.room.degrees + 2)),
    }),
    defineTool({
      name: "make_cooler",
      description: "Makes the room two degrees cooler, when someone is hot.",
      inputSchema: { type: "object", properties: {}, additionalProperties: false },
      examples: ["It's too hot"],
      execute: () => heat(Math.max(5, world.room.degrees - 2)),
    }),
    defineTool({
      name: "play_music",
      description: "Plays music, of a style if one is named.",
      inputSchema: {
        type: "object",
        properties: { style: { type: "string", enum: STYLES, description: "the style, if one is named" } },
        additionalProperties: false,
      },
      execute: ({ style = "jazz" }) => {
        world.change({ music: style as Style });
        return { text: `The radio plays ${style}`, style };
      },
    }),
    defineTool({
      name: "stop_music",
      description: "Stops the music, when someone wants silence.",
      inputSchema: { type: "object", properties: {}, additionalProperties: false },
      execute: () => {
        world.change({ music: undefined });
        return { text: "The music has stopped", music: "none" };
      },
    }),
  ];
};
