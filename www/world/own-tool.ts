/** A tool of the visitor: a sentence that says what it does, and what appears in the room. */
import type { ToolDefinition } from "toolgen";
import { FINDS, type Thing } from "./room.ts";
import type { World } from "./world.ts";

export interface OwnTool {
  description: string;
  shape: Thing["shape"];
}

/** More would not fit into a link, nor into the room. */
export const MOST_OWN = 12;
const MAX_NAME = 60;

/** `Lets the cat in!` → `lets_the_cat_in` */
export function nameOf(description: string): string {
  const name = description
    .normalize("NFD")
    .toLowerCase()
    .replace(/[^a-z0-9\s_-]/g, "")
    .trim()
    .replace(/[\s_-]+/g, "_");
  return name.slice(0, MAX_NAME).replace(/_$/, "") || "my_tool";
}

/** The tool's name; a numbered one where another description has it: `!?` and `…` are both `my_tool`. */
export function freeName({ description }: OwnTool, others: ReadonlyMap<string, OwnTool>): string {
  const isFree = (name: string) => (others.get(name)?.description ?? description) === description;
  let name = nameOf(description);
  for (let number = 2; !isFree(name); number++) name = `${nameOf(description)}_${number}`;
  return name;
}

export function ownTool(world: World, name: string, { description, shape }: OwnTool): ToolDefinition {
  return {
    name,
    description,
    inputSchema: { type: "object", properties: {}, additionalProperties: false },
    execute() {
      world.change({ things: [...world.room.things, { shape }].slice(-10) });
      return { text: `A ${shape} is in the room`, shape };
    },
  };
}

/** What came with a link may be anything. */
export function isOwnTool(value: unknown): value is OwnTool {
  const { description, shape } = (value ?? {}) as Record<string, unknown>;
  return (
    typeof description === "string" &&
    description.trim() !== "" &&
    description.length <= 200 &&
    FINDS.some((find) => find === shape)
  );
}
