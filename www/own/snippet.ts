/** The lines that use a visitor's tools in an app of their own. */

export interface Exported {
  /** None where all tools are listed by servers. */
  packFile?: string;
  /** Tools that an app has to bring a function for. */
  functions: readonly string[];
  /** Addresses of MCP servers, whose tools are listed anew each time. */
  servers: readonly string[];
  question: string;
}

export function snippetOf({ packFile, functions, servers, question }: Exported): string {
  const imports = servers.length > 0 ? ['import { fromMcpServer } from "toolgen/importers/mcp";'] : [];
  const own = functions.map(
    (name) => `    ${/^[a-z_]\w*$/i.test(name) ? name : JSON.stringify(name)}: (args) => ({ done: args }), // yours`,
  );
  return [
    'import { load } from "toolgen";',
    ...imports,
    "",
    "const toolgen = await load({",
    '  checkpoint: "/model/manifest.json",',
    ...(packFile === undefined ? [] : [`  pack: ${JSON.stringify(`/${packFile}`)},`]),
    ...(own.length > 0 ? ["  functions: {", ...own, "  },"] : []),
    "});",
    ...servers.map((url) => `await toolgen.register((await fromMcpServer(${JSON.stringify(url)})).tools);`),
    "",
    `for await (const event of toolgen.run(${JSON.stringify(question)}, { approve: () => confirm("Carry it out?") })) {`,
    '  if (event.type === "answer") console.log(event.text);',
    "}",
  ].join("\n");
}
