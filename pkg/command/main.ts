/** The command line: arguments in, an exit status out. */
import { parseArgs } from "node:util";
import { messageOf } from "../core/errors.js";
import { pack, type PackOptions, type Place } from "./pack.js";
import { Terminal } from "./terminal.js";

const HELP = `npx toolgen pack TOOLS… --out FILE

Makes the rows of tools, for load({ pack }): visitors' browsers then compute none.

TOOLS  a list of tools (.json, .jsonl), an OpenAPI or Swagger document (.json), or an ES module
       that exports definitions (.js, .mjs)

  --out FILE         where the pack is written; visitors fetch it, so a folder of static files
  --model MODEL      an installed package, a folder with a manifest.json, or a GGUF file; toolgen-135m by default.
                     A pack fits the model that it was made with, and no other
  --adapter FILE     the adapter of a GGUF file
  --base-url URL     the server of OpenAPI documents, in place of their own
  --fixed NAME=VALUE a parameter of OpenAPI documents that no question says; may be repeated
  --help             this text

Rows are kept in node_modules/.cache/toolgen, so only documents that changed are computed again.
Exit status: 0 when the pack is written, 1 when it is not, 2 when the command is misspelt.
`;

/** What is wrong with the arguments. */
class UsageError extends Error {}

type Given = Omit<Place, "terminal"> & { terminal?: Terminal };

export async function main(args: string[], { terminal = new Terminal(), ...place }: Given): Promise<number> {
  try {
    const options = read(args);
    if (!options) terminal.say(HELP.trimEnd());
    else await pack(options, { ...place, terminal });
    return 0;
  } catch (error) {
    const isUsage = error instanceof UsageError;
    terminal.warn(isUsage ? `${error.message} \`npx toolgen --help\` says how it is used.` : messageOf(error));
    return isUsage ? 2 : 1;
  } finally {
    terminal.close();
  }
}

/** Undefined where help is wanted. */
function read(args: string[]): PackOptions | undefined {
  const { values, positionals } = parsed(args);
  const [command, ...inputs] = positionals;
  if (values.help || command === undefined) return undefined;
  if (command !== "pack") throw new UsageError(`There is no command ${command}, only pack.`);
  const { out, model = "toolgen-135m", adapter, "base-url": baseUrl, fixed = [] } = values;
  if (inputs.length === 0) throw new UsageError("Name files of tools after `pack`.");
  if (!out) throw new UsageError("Name the pack's file with --out, such as --out public/tools.safetensors.");
  if (baseUrl !== undefined && !(/^https?:/.test(baseUrl) && URL.canParse(baseUrl)))
    throw new UsageError(`--base-url is a server's URL, such as https://api.example/v1, not ${baseUrl}.`);
  const pairs = fixed.map((pair) => {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
    if (name === undefined) throw new UsageError(`--fixed is NAME=VALUE, not ${pair}.`);
    return [name, value!] as const;
  });
  return { inputs, out, model, adapter, baseUrl, fixed: Object.fromEntries(pairs) };
}

function parsed(args: string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        "out": text,
        "model": text,
        "adapter": text,
        "base-url": text,
        "fixed": { ...text, multiple: true },
        "help": { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    const [what] = messageOf(error).split(". ");
    throw new UsageError(`${what}.`);
  }
}
