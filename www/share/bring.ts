/** The tools that came with a link: those of the room do no harm, others are added only if the person wants them. */
import type { Toolgen } from "toolgen";
import { make } from "../dom.ts";
import type { AskPerson } from "../permission.ts";
import type { Carried } from "../place.ts";
import { hostOf, titleOf } from "../words/format.ts";
import type { OwnTool } from "../world/own-tool.ts";

export async function bring(
  { own = [], tools = [] }: Carried,
  toolgen: Toolgen,
  addToRoom: (tool: OwnTool) => Promise<unknown>,
  ask: AskPerson,
): Promise<void> {
  for (const tool of own) await addToRoom(tool);
  const known = new Set(toolgen.tools.map(({ name }) => name));
  const fresh = tools.filter(({ name }) => !known.has(name)); // none is replaced
  if (fresh.length === 0) return;
  const list = make(
    "ul",
    {},
    ...fresh.map((tool) => make("li", {}, titleOf(tool), ` (asks ${hostOf(tool) ?? "nobody"})`)),
  );
  const count = fresh.length === 1 ? "a tool" : `${fresh.length} tools`;
  if (!(await ask(`This link brings ${count} that this page doesn't have.`, list, "Use them", "Go on without"))) return;
  await toolgen.register(fresh.map(({ parameters: inputSchema, ...tool }) => ({ ...tool, inputSchema })));
}
