/** The few lines that do the same in one's own app. */
import type { Tool } from "toolgen";
import { wordsOf } from "../words/humanise.ts";

export function snippetFor(question: string, tool: Tool): string {
  const { name, description, parameters, http } = tool;
  const args = Object.keys(parameters.properties ?? {});
  const given = args.length > 0 ? `{ ${args.map(field).join(", ")} }` : "";
  const how = http
    ? `http: ${JSON.stringify(http)},`
    : `execute: (${given}) => ${JSON.stringify(`${wordsOf(name)}: done`)}, // yours`;
  const changes = tool.annotations?.readOnlyHint !== true;
  return `import { load } from "toolgen";

const toolgen = await load({ checkpoint: "/model/manifest.json" });
await toolgen.register([{
  name: ${JSON.stringify(name)},
  description: ${JSON.stringify(description)},
  inputSchema: ${JSON.stringify(parameters)},
  annotations: { readOnlyHint: ${!changes} },
  ${how}
}]);
for await (const event of toolgen.run(${JSON.stringify(question)}${changes ? ", { approve: () => true }" : ""}))
  if (event.type === "observation") console.log(event.observation.result);
`;
}

/** As a destructured parameter, whatever its name. */
function field(name: string, index: number): string {
  return /^[a-z_$][\w$]*$/i.test(name) && !RESERVED.has(name) ? name : `${JSON.stringify(name)}: value${index + 1}`;
}

const RESERVED: ReadonlySet<string> = new Set(
  "arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield".split(
    " ",
  ),
);
