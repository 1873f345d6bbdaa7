/** All tools that are carried out in the page, by name. */
import type { Functions } from "toolgen";
import { colour } from "./colour.ts";
import { dates } from "./dates.ts";
import { encoding } from "./encoding.ts";
import { geometry } from "./geometry.ts";
import { health } from "./health.ts";
import { money } from "./money.ts";
import { numbers } from "./numbers.ts";
import { random } from "./random.ts";
import { text } from "./text.ts";
import { time } from "./time.ts";
import { units } from "./units.ts";

const tools = {
  ...numbers,
  ...units,
  ...time,
  ...dates,
  ...health,
  ...money,
  ...geometry,
  ...text,
  ...encoding,
  ...colour,
  ...random,
};

/** A tool gets its arguments alone: some have a second parameter for their tests, such as a clock. */
export const functions: Functions = Object.fromEntries(
  Object.entries(tools).map(([name, run]) => [name, (args: any) => (run as (args: any) => unknown)(args)]),
);
