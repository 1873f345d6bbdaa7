/** Lamps, their colour, and the blinds. */
import { defineTool } from "toolgen";
import { COLOURS, LAMPS, type Colour, type Lamp } from "../room.ts";
import type { World } from "../world.ts";

const lamp = { type: "string", enum: LAMPS, description: "which lamp, if one is named" } as const;
const STEP = 30;

export const light = (world: World) => {
  const say = (text: string) => ({ text, "lamps on": world.room.lamps.join(", ") || "none" });
  const glow = (brightness: number) => {
    const { lamps } = world.room;
    world.change({ brightness, lamps: brightness === 0 ? [] : lamps.length > 0 ? lamps : ["floor lamp"] });
    return { text: `The lamps are at ${brightness} percent`, brightness };
  };

  return [
    defineTool({
      name: "turn_on_light",
      description: "Turns the light on: the lamp that is named, or all lamps.",
      inputSchema: { type: "object", properties: { lamp }, additionalProperties: false },
      execute: ({ lamp }) => {
        const on: Lamp[] = lamp ? [...new Set([...world.room.lamps, lamp as Lamp])] : [...LAMPS];
        world.change({ lamps: on, brightness: world.room.brightness || 80 });
        return say(lamp ? `The ${lamp} is on` : "All lamps are on");
      },
    }),
    defineTool({
      name: "turn_off_light",
      description: "Turns the light off: the lamp that is named, or all lamps.",
      inputSchema: { type: "object", properties: { lamp }, additionalProperties: false },
      execute: ({ lamp }) => {
        world.change({ lamps: lamp ? world.room.lamps.filter((on) => on !== lamp) : [] });
        return say(lamp ? `The ${lamp} is off` : "All lamps are off");
      },
    }),
    defineTool({
      name: "set_brightness",
      description: "Sets how bright the lamps are, in percent.",
      inputSchema: {
        type: "object",
        properties: {
          percent: { type: "integer", minimum: 0, maximum: 100, description: "the brightness in percent" },
        },
        required: ["percent"],
        additionalProperties: false,
      },
      execute: ({ percent }) => glow(percent),
    }),
    defineTool({
      name: "make_darker",
      description: "Makes the room darker by dimming the lamps, when it is too bright.",
      inputSchema: { type: "object", properties: {}, additionalProperties: false },
      examples: ["It is too bright in here"],
      execute: () => glow(Math.max(0, world.room.brightness - STEP)),
    }),
    defineTool({
      name: "make_brighter",
      description: "Makes the room brighter with more light, when it is too dark.",
      inputSchema: { type: "object", properties: {}, additionalProperties: false },
      examples: ["I can't see anything"],
      execute: () => glow(Math.min(100, world.room.brightness + STEP)),
    }),
    defineTool({
      name: "colour_lamps",
      description: "Gives the light of the lamps a colour, such as red or blue.",
      inputSchema: {
        type: "object",
        properties: { colour: { type: "string", enum: Object.keys(COLOURS), description: "the colour of the light" } },
        required: ["colour"],
        additionalProperties: false,
      },
      execute: ({ colour }) => {
        world.change({ colour: colour as Colour, lamps: world.room.lamps.length > 0 ? world.room.lamps : [...LAMPS] });
        return say(`The light is ${colour}`);
      },
    }),
    defineTool({
      name: "open_blinds",
      description: "Opens the blinds of the window and lets daylight in.",
      inputSchema: { type: "object", properties: {}, additionalProperties: false },
      execute: () => {
        world.change({ blinds: "open" });
        return { text: "The blinds are open", blinds: "open" };
      },
    }),
    defineTool({
      name: "close_blinds",
      description: "Closes the blinds of the window, so that nobody looks in.",
      inputSchema: { type: "object", properties: {}, additionalProperties: false },
      execute: () => {
        world.change({ blinds: "closed" });
        return { text: "The blinds are closed", blinds: "closed" };
      },
    }),
  ];
};
