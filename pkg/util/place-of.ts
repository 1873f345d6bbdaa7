import type { JsonSchema } from "../core/types.js";

/** Where an argument stands that was asked for: `to.mail` is in an object, unless a property has that name. */
export function placeOf(name: string, schema: JsonSchema | undefined): string[] {
  const { properties = {} } = schema ?? {};
  if (Object.hasOwn(properties, name)) return [name];
  const outer = Object.keys(properties).find((key) => name.startsWith(`${key}.`));
  if (outer === undefined) return name.split(".");
  return [outer, ...placeOf(name.slice(outer.length + 1), properties[outer])];
}
