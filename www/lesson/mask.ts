/** A language of a few tokens and two tools, small enough to be the model oneself. */

const TOOLS = ["weather_now", "weather_forecast"];
const NO_TOOL = "weather_wizard";
const [OPEN, DAYS, CLOSE, END] = ['{"city": "', '", "days": ', '"}', "}"];
/** Words of the question that could be a name. */
const CITIES = ["Bergen", "Weather"];

export const VOCABULARY = [...TOOLS, NO_TOOL, OPEN, ...CITIES, "Oslo", DAYS, "3", "30", CLOSE, END];

/** Every call that the schemas and the question allow: cities and numbers are the question's. */
const CALLS: readonly (readonly string[])[] = CITIES.flatMap((city) => [
  [TOOLS[0]!, OPEN, city, CLOSE],
  [TOOLS[1]!, OPEN, city, DAYS, "3", END],
]);

const begins = (call: readonly string[], written: readonly string[]) => written.every((token, i) => call[i] === token);

/** The mask: the tokens from which a valid call can still follow. */
export function allowed(written: readonly string[]): Set<string> {
  const next = CALLS.filter((call) => begins(call, written)).map((call) => call[written.length]);
  return new Set(next.filter((token) => token !== undefined));
}

export function isComplete(written: readonly string[]): boolean {
  return CALLS.some((call) => call.length === written.length && begins(call, written));
}

/** Why no valid call can follow; nothing while one can. */
export function problemOf(written: readonly string[]): "tool" | "json" | undefined {
  if (CALLS.some((call) => begins(call, written))) return undefined;
  return TOOLS.includes(written[0]!) ? "json" : "tool";
}
