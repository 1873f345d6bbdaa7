/** The tools that came with a link: those of the room do no harm, others are added only if the person wants them. */
import type { Tool, Toolgen } from "toolgen";
import { make } from "../dom.ts";
import type { OwnTools, Source } from "../own/tools.ts";
import type { AskPerson } from "../permission.ts";
import type { Carried } from "../place.ts";
import { hostOf, titleOf } from "../words/format.ts";
import type { OwnTool } from "../world/own-tool.ts";

export interface Bringing {
  toolgen: Toolgen;
  own: OwnTools;
  room: { add(tool: OwnTool): Promise<unknown> };
  ask: AskPerson;
}

export async function bring({ own = [], tools = [] }: Carried, page: Bringing): Promise<void> {
  for (const tool of own) await page.room.add(tool);
  const listed = free(tools, page);
  if (listed.length === 0) return;
  const list = make(
    "ul",
    {},
    ...listed.map((tool) => make("li", {}, titleOf(tool), ` (asks ${hostOf(tool) ?? "nobody"})`)),
  );
  const count = listed.length === 1 ? "a tool" : `${listed.length} tools`;
  const question = `This link brings ${count} that this page doesn't have.`;
  if (!(await page.ask(question, list, "Use them", "Go on without"))) return;
  // Meanwhile the page may have got tools of its own.
  await add(free(listed, page), page);
}

/** Those whose names nobody has: none is replaced. */
function free(tools: readonly Tool[], { toolgen, own }: Bringing): Tool[] {
  const taken = own.taken(toolgen);
  return tools.filter(({ name }) => !taken.has(name));
}

/** As the visitor's own are: their hosts are asked for before the first request, of any question. */
async function add(tools: readonly Tool[], { toolgen, own }: Bringing): Promise<void> {
  const hosts = new Set(tools.flatMap((tool) => hostOf(tool) ?? []));
  const source: Source = { name: "a link", tools: [], hosts: [...hosts] };
  own.add(source);
  try {
    const definitions = tools.map(({ parameters: inputSchema, ...tool }) => ({ ...tool, inputSchema }));
    const { added } = await toolgen.register(definitions);
    source.tools.push(...added);
  } finally {
    if (source.tools.length === 0) own.remove(source);
  }
}
