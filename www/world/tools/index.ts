/** The tools of the room: ordinary ones, as any app registers them. */
import type { ToolDefinition } from "toolgen";
import type { World } from "../world.ts";
import { comfort } from "./comfort.ts";
import { light } from "./light.ts";
import { things } from "./things.ts";

/** In the files of these names. */
export const SOURCES = ["light", "comfort", "things"] as const;

export function roomTools(world: World): ToolDefinition<any>[] {
  return [...light(world), ...comfort(world), ...things(world)];
}
