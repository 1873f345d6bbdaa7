/** The room of the demo page: its state, its tools, what is said of it and when a level is done. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { createFakeToolgen } from "../../pkg/testing.ts";
import { Catalogue } from "../../www/catalogue.ts";
import { OwnTools } from "../../www/own/tools.ts";
import { newResult, type Result } from "../../www/result.ts";
import { CITIES, cityNamed } from "../../www/world/cities.ts";
import { LEVELS } from "../../www/world/levels.ts";
import { MOODS, OCCASIONS } from "../../www/world/moods.ts";
import { freeName, isOwnTool, nameOf, ownTool, type OwnTool } from "../../www/world/own-tool.ts";
import { Registering } from "../../www/world/registering.ts";
import { lightIn, START } from "../../www/world/room.ts";
import { roomTools } from "../../www/world/tools/index.ts";
import { describe } from "../../www/world/words.ts";
import { World } from "../../www/world/world.ts";

function roomWith(...calls: [name: string, args?: object][]): { world: World; said: any[] } {
  const world = new World();
  const tools = new Map(roomTools(world).map((tool) => [tool.name, tool.execute!]));
  const context = { signal: new AbortController().signal };
  return { world, said: calls.map(([name, args = {}]) => tools.get(name)!(args as never, context)) };
}

test("tools change the room at once and say what they did", () => {
  const { world, said } = roomWith(["set_mood", { mood: "cosy" }], ["make_darker"], ["turn_off_light"]);
  assert.equal(said[0].text, "The room is ready for a cosy evening");
  assert.equal(said[1].text, "The lamps are at 15 percent");
  assert.deepEqual([world.room.lamps, world.room.blinds, world.room.degrees], [[], "closed", 22]);
  const { room } = roomWith(["turn_on_light", { lamp: "desk lamp" }], ["colour_lamps", { colour: "blue" }]).world;
  assert.deepEqual([room.lamps, room.colour], [["ceiling lamp", "desk lamp"], "blue"]);
});

test("each change can be undone, back to the beginning", () => {
  const { world } = roomWith(["set_temperature", { degrees: 25 }], ["draw_picture", { shape: "cat" }]);
  let told = 0;
  world.watch(() => told++);
  world.undo();
  assert.deepEqual([world.room.drawing, world.room.degrees, told], [undefined, 25, 2]);
  world.undo();
  assert.equal(world.room, START);
  assert.equal(world.canUndo, false);
  world.undo();
  assert.equal(world.room, START);
});

test("several things to buy are several lines, and none stands there twice", () => {
  const { world } = roomWith(
    ["add_to_shopping_list", { item: "milk and bread" }],
    ["add_to_shopping_list", { item: "eggs, bread" }],
  );
  assert.deepEqual(world.room.list, ["milk", "eggs", "bread"]);
});

test("what can't be done is said in words, and changes nothing", () => {
  assert.throws(() => roomWith(["show_on_map", { city: "Atlantis" }]), /Atlantis isn't on it/);
  assert.throws(() => roomWith(["remove_from_shopping_list", { item: "tea" }]), /no tea on the shopping list/);
  const { world } = roomWith(
    ["add_to_shopping_list", { item: "tea" }],
    ["remove_from_shopping_list", { item: "MILK" }],
  );
  assert.deepEqual(world.room.list, ["tea"]);
});

test("warmth and brightness stay within what the room has", () => {
  const many = (name: string) => Array.from({ length: 20 }, (): [string] => [name]);
  assert.equal(roomWith(...many("make_warmer")).world.room.degrees, 30);
  assert.equal(roomWith(...many("make_cooler")).world.room.degrees, 5);
  assert.deepEqual(roomWith(...many("make_darker")).world.room.lamps, []);
  assert.equal(roomWith(...many("make_brighter")).world.room.brightness, 100);
});

test("the room's names are none of the catalogue's, which they would replace", () => {
  const catalogue = readFileSync(join(import.meta.dirname, "../../models/catalogue/tools.jsonl"), "utf8");
  const taken = new Set(
    catalogue
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).name),
  );
  const names = roomTools(new World()).map(({ name }) => name);
  assert.deepEqual(
    names.filter((name) => taken.has(name)),
    [],
  );
  assert.equal(new Set(names).size, names.length);
});

test("it is darker with the blinds closed, and darkest without lamps", () => {
  const closed = { ...START, blinds: "closed" as const };
  assert.ok(lightIn(START) > lightIn(closed));
  assert.ok(lightIn(closed) > lightIn({ ...closed, lamps: [] }));
  assert.ok(lightIn({ ...closed, lamps: [] }) >= 0);
});

test("the caption says all that is to be seen", () => {
  assert.equal(describe(START), "Ceiling lamp on at 80 % · blinds open · 20 °C · to buy: milk.");
  const { world } = roomWith(["set_mood", { mood: "party" }], ["show_on_map", { city: "são paulo" }]);
  world.change({ timer: { minutes: 5, rings: 1000 }, list: [], things: [{ shape: "cat" }] });
  assert.equal(
    describe(world.room, 500),
    "All lamps on at 90 %, purple · blinds closed · 20 °C · techno on the radio · timer set for 5 min · nothing to buy · a pin in São Paulo · in the room: a cat.",
  );
  assert.match(describe(world.room, 2000), /the timer has rung/);
});

test("cities are found whatever their capitals and accents, and lie on the map", () => {
  assert.equal(cityNamed(" sao PAULO"), "São Paulo");
  assert.equal(cityNamed("Atlantis"), undefined);
  for (const [latitude, longitude] of Object.values(CITIES))
    assert.ok(Math.abs(latitude) < 75 && Math.abs(longitude) <= 180);
  assert.deepEqual(Object.keys(OCCASIONS), Object.keys(MOODS));
});

test("a tool of the visitor has a name, and puts its thing into the room", () => {
  assert.equal(nameOf("Lets the cat in!"), "lets_the_cat_in");
  assert.equal(nameOf("Öffnet die Tür"), "offnet_die_tur");
  assert.equal(nameOf("!?"), "my_tool");
  assert.match(nameOf("very long ".repeat(40)), /^[a-z_]{1,60}$/);
  const world = new World();
  void ownTool(world, "cat", { description: "Lets the cat in", shape: "cat" }).execute!({}, { signal: null as never });
  assert.deepEqual(world.room.things, [{ shape: "cat" }]);
  assert.ok(isOwnTool({ description: "Lets the cat in", shape: "cat" }));
  for (const wrong of [
    null,
    {},
    { description: "x", shape: "bomb" },
    { description: " ", shape: "cat" },
    { description: "x".repeat(201), shape: "cat" },
  ])
    assert.ok(!isOwnTool(wrong), JSON.stringify(wrong));
});

test("another description of the same name has a number, the same one its name again", () => {
  const others = new Map<string, OwnTool>();
  const names = ["猫", "Γάτα", "猫", "Кот", "Lets the cat in", "Lets the cat in!"].map((description) => {
    const tool: OwnTool = { description, shape: "cat" };
    const name = freeName(tool, others);
    others.set(name, tool);
    return name;
  });
  assert.deepEqual(names, ["my_tool", "my_tool_2", "my_tool", "my_tool_3", "lets_the_cat_in", "lets_the_cat_in_2"]);
});

test("levels are done by what an answer shows", () => {
  const call = { name: "make_darker", arguments: {} };
  const met = (result: Partial<Result>) =>
    LEVELS.filter((level) => level.met({ ...newResult("darker"), ...result }, new Set(["mine"]))).map(
      ({ title }) => title,
    );
  assert.deepEqual(met({ calls: [call] }), ["Say what you mean"]);
  assert.deepEqual(met({ calls: [call, call] }), ["Say what you mean", "Two wishes at once"]);
  assert.deepEqual(met({ missing: ["minutes"] }), ["Leave something out"]);
  assert.deepEqual(met({ abstained: true }), ["Ask for too much"]);
  assert.deepEqual(met({ question: "And Oslo?", calls: [call] }), ["Say what you mean", "Follow up"]);
  assert.deepEqual(met({ calls: [{ ...call, name: "mine" }] }), ["Say what you mean", "Bring a tool"]);
});

test("the room's tools are registered once, with progress, when model and visitor are there", async () => {
  const toolgen = createFakeToolgen({ tools: [] });
  const tools = roomTools(new World());
  const said: string[] = [];
  const registering = new Registering(tools, (text) => said.push(text));
  registering.want();
  assert.deepEqual(said, ["The room's tools follow the model."]);
  registering.begin(toolgen);
  const heard: string[] = [];
  await registering.done((text) => heard.push(text)); // who asks meanwhile hears how it goes on
  await registering.done(() => {});
  assert.ok(heard.length > tools.length / 2 && heard.at(-1) === "");
  assert.equal(said.filter((text) => / 0 of 19$/.test(text)).length, 1);
  assert.equal(said.at(-1), "");
  assert.deepEqual(
    toolgen.tools.map(({ name }) => name),
    tools.map(({ name }) => name),
  );
});

test("registering that broke is said and tried again", async () => {
  const toolgen = createFakeToolgen({ tools: [] });
  const broken = { ...roomTools(new World())[0]!, name: "no good name" };
  const said: string[] = [];
  const registering = new Registering([broken], (text) => said.push(text));
  registering.begin(toolgen);
  await assert.rejects(
    registering.done(() => {}),
    { code: "bad_tool" },
  );
  assert.match(said.at(-1)!, /could not be read/);
  broken.name = "good_name";
  await registering.done(() => {});
  assert.equal(said.at(-1), "");
});

test("questions to the catalogue lead to none of the room's tools", async () => {
  const tool = { name: "flip_coin", description: "Flips a coin.", parameters: { type: "object" } };
  const toolgen = createFakeToolgen({ tools: [tool] });
  const room = roomTools(new World());
  const catalogue = new Catalogue(() => room.map(({ name }) => name), new OwnTools());
  assert.equal(catalogue.tools(), undefined);
  catalogue.begin(toolgen);
  assert.equal(catalogue.tools(), undefined); // all
  await toolgen.register(room);
  assert.deepEqual(catalogue.tools(), ["flip_coin"]);
});
