/** All tools that are carried out in the page, by name. */
import type { Functions } from "toolgen";
import { algebra } from "./algebra.ts";
import { calendar } from "./calendar.ts";
import { checks } from "./checks.ts";
import { colour } from "./colour.ts";
import { dates } from "./dates.ts";
import { encoding } from "./encoding.ts";
import { everyday } from "./everyday.ts";
import { fractions } from "./fractions.ts";
import { games } from "./games.ts";
import { geometry } from "./geometry.ts";
import { health } from "./health.ts";
import { money } from "./money.ts";
import { music } from "./music.ts";
import { numbers } from "./numbers.ts";
import { random } from "./random.ts";
import { science } from "./science.ts";
import { sky } from "./sky.ts";
import { text } from "./text.ts";
import { time } from "./time.ts";
import { travel } from "./travel.ts";
import { units } from "./units.ts";
import { web } from "./web.ts";
import { wordplay } from "./wordplay.ts";

const tools = {
  ...numbers,
  ...algebra,
  ...fractions,
  ...units,
  ...travel,
  ...time,
  ...dates,
  ...calendar,
  ...sky,
  ...health,
  ...money,
  ...geometry,
  ...science,
  ...text,
  ...wordplay,
  ...encoding,
  ...checks,
  ...web,
  ...colour,
  ...music,
  ...random,
  ...games,
  ...everyday,
};

/** A tool gets its arguments alone: some have a second parameter for their tests, such as a clock. */
export const functions: Functions = Object.fromEntries(
  Object.entries(tools).map(([name, run]) => [name, (args: any) => (run as (args: any) => unknown)(args)]),
);
