/** What a call gave, as one sentence. */
import assert from "node:assert/strict";
import { test } from "node:test";

import type { Arguments, HttpDescription, Tool } from "../../pkg/core/types.ts";
import { sentenceOf } from "../../www/words/sentence.ts";

const HTTP: HttpDescription = { method: "GET", url: "https://api.example/" };

function say(
  result: Record<string, unknown>,
  { title = "Weather now", args = {}, http = true, body = result as unknown, currency = {} } = {},
) {
  const parameters = { type: "object", properties: currency };
  const tool: Tool = { name: "tool", description: "", parameters, annotations: { title }, ...(http && { http: HTTP }) };
  return sentenceOf(tool, { name: "tool", arguments: args as Arguments }, { result, body });
}

test("labels, values and units become a sentence, and many fields a table as well", () => {
  const result = { "sky": "Light rain", "temperature (°C)": "7", "humidity (%)": 81, "wind (km/h)": 11.26 };
  const { text, rest } = say(result, { args: { city: "Oslo" } });
  assert.equal(text, "Weather now, Oslo: Light rain, temperature 7 °C, humidity 81 %, wind 11.26 km/h.");
  assert.deepEqual(rest, result);
});

test("a few fields that are said in full need no table", () => {
  assert.deepEqual(say({ sunrise: "07:12", sunset: "18:40" }, { title: "Sun" }), {
    text: "Sun: sunrise 07:12, sunset 18:40.",
    rest: {},
  });
});

test("what the title says is not said again, unless it tells the values apart", () => {
  const text = (title: string, result: Record<string, unknown>) => say(result, { title, http: false }).text;
  assert.equal(text("Flip a coin", { flips: "tails" }), "Flip a coin: tails.");
  assert.equal(text("Tip", { tip: 11.61, total: 76.11 }), "Tip: 11.61, total 76.11.");
  const sun = { sunrise: "07:12", sunset: "18:40" };
  assert.equal(text("Sunrise and sunset", sun), "Sunrise and sunset: sunrise 07:12, sunset 18:40.");
});

test("amounts have the currency of the call, or of the schema", () => {
  const price = { price: 61234.5, rank: 1 };
  assert.equal(say(price, { title: "Price", args: { currency: "eur" } }).text, "Price: €61,234.50, rank 1.");
  const currency = { currency: { default: "usd" } };
  assert.equal(say(price, { title: "Price", currency }).text, "Price: $61,234.50, rank 1.");
  assert.match(say({ result: { EUR: 93.2 } }, { title: "Exchange" }).text, /^Exchange: €93\.20\.$/);
});

test("a function's own words are taken, with its numbers rounded and the exact ones beneath", () => {
  const given = { result: 8.45350567546, text: "2 l = 8.45350567546 cup" };
  assert.deepEqual(say(given, { http: false }), { text: "2 l = 8.4535 cup.", rest: { result: 8.45350567546 } });
  assert.deepEqual(say({ result: 10, text: "1 cm = 10 mm" }, { http: false }), { text: "1 cm = 10 mm.", rest: {} });
});

test("a long text speaks for itself, cut at the end of a sentence", () => {
  const long = `${"Ada Lovelace was an English mathematician. ".repeat(12)}End.`;
  const { text, rest } = say({ title: "Ada", summary: long });
  assert.ok(text.length <= 400 && text.endsWith("mathematician."), text);
  assert.equal(rest.summary, long);
});

test("links and pictures are shown and not read out", () => {
  const result = { breed: "beagle", picture: "https://dog.example/beagle.jpg" };
  assert.deepEqual(say(result, { title: "Dog" }), { text: "Dog: breed beagle.", rest: result });
});

test("lists, switches and what is missing", () => {
  const said = say({ days: ["a", "b", "c", "d", "e", "f", "g"], leap: false, note: null }, { title: "Week" }).text;
  assert.equal(said, "Week: days a, b, c, d, e and 2 more, leap no.");
});

test("an answer without labels", () => {
  assert.equal(say({}, { body: "12 apples" }).text, "12 apples.");
  assert.equal(say({}, { body: null }).text, "Weather now: done.");
  assert.deepEqual(say({}, { body: { a: 1 } }).rest, { answer: { a: 1 } });
});
