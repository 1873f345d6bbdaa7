/** The timer, the shopping list, the map and the easel. */
import { defineTool } from "toolgen";
import { CITIES, cityNamed } from "../cities.ts";
import { COLOURS, SHAPES, type Colour, type Shape } from "../room.ts";
import type { World } from "../world.ts";

const item = { type: "string", minLength: 1, maxLength: 40, description: "what to buy" } as const;

export const things = (world: World, now = () => Date.now()) => {
  const list = (text: string) => ({ text, list: world.room.list.join(", ") || "empty" });

  return [
    defineTool({
      name: "set_timer",
      description: "Sets the kitchen timer, which rings after a number of minutes.",
      inputSchema: {
        type: "object",
        properties: { minutes: { type: "number", minimum: 0.1, maximum: 600, description: "the number of minutes" } },
        required: ["minutes"],
        additionalProperties: false,
      },
      examples: ["Set a timer"],
      execute: ({ minutes }) => {
        world.change({ timer: { minutes, rings: now() + minutes * 60_000 } });
        return { text: `The timer rings in ${minutes} ${minutes === 1 ? "minute" : "minutes"}`, minutes };
      },
    }),
    defineTool({
      name: "add_to_shopping_list",
      description: "Writes something to buy on the shopping list.",
      inputSchema: { type: "object", properties: { item }, required: ["item"], additionalProperties: false },
      execute: ({ item }) => {
        const items = item.split(/\s*,\s*|\s+and\s+/).filter(Boolean);
        world.change({ list: [...world.room.list.filter((other) => !items.includes(other)), ...items] });
        return list(`On the shopping list: ${item}`);
      },
    }),
    defineTool({
      name: "remove_from_shopping_list",
      description: "Crosses something off the shopping list, because it was bought or isn't needed.",
      inputSchema: { type: "object", properties: { item }, required: ["item"], additionalProperties: false },
      execute: ({ item }) => {
        const rest = world.room.list.filter((other) => other.toLowerCase() !== item.toLowerCase());
        if (rest.length === world.room.list.length) throw new Error(`There is no ${item} on the shopping list.`);
        world.change({ list: rest });
        return list(`Off the shopping list: ${item}`);
      },
    }),
    defineTool({
      name: "show_on_map",
      description: "Puts a pin into the map on the wall to show where a city is.",
      inputSchema: {
        type: "object",
        properties: { city: { type: "string", minLength: 1, maxLength: 40, description: "the city" } },
        required: ["city"],
        additionalProperties: false,
      },
      execute: ({ city }) => {
        const known = cityNamed(city);
        if (!known) throw new Error(`The map on the wall is small: ${city} isn't on it. Try Oslo, Tokyo or Lima.`);
        const [latitude, longitude] = CITIES[known]!;
        world.change({ pin: { city: known, latitude, longitude } });
        return { text: `The pin is in ${known}`, latitude, longitude };
      },
    }),
    defineTool({
      name: "draw_picture",
      description: "Draws something on the easel: a circle, star, heart, house, tree, sun, cat or flower.",
      inputSchema: {
        type: "object",
        properties: {
          shape: { type: "string", enum: SHAPES, description: "what to draw" },
          colour: { type: "string", enum: Object.keys(COLOURS), description: "its colour, if one is named" },
        },
        required: ["shape"],
        additionalProperties: false,
      },
      execute: ({ shape, colour = "red" }) => {
        world.change({ drawing: { shape: shape as Shape, colour: colour as Colour } });
        return { text: `There is a ${colour} ${shape} on the easel`, shape };
      },
    }),
  ];
};
