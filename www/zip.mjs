// The built page as one file, for a stick or a host: `npm run zip`, after a build. Any static server serves what is in it.
import { createWriteStream, existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { finished } from "node:stream/promises";
import { Zip, ZipDeflate, ZipPassThrough } from "fflate";
import { runAsCommand } from "../pkg/scripts/command.mjs";

const here = import.meta.dirname;
const NAME = "toolgen-demo";
/** Weights hardly shrink, and neither do pictures. */
const DENSE = /\.(bin|safetensors|png)$/;
/** No file has a time of its own, so that one build is one file, to the byte. */
const MTIME = new Date(1980, 0, 1);

const READ_ME = `toolgen: a tool-calling model in your browser

Serve this folder with any static server, for example

    python3 -m http.server 8000

and open http://localhost:8000 in Chrome, Edge, Firefox or Safari. After one visit the page works without the
server. Other machines of a network reach it at http://THIS-MACHINE:8000; over plain http browsers keep nothing, and
load the model on every visit. Over https they keep it.
`;

/** Zips a built folder into a file and gives its size. */
export async function zipSite(dist = join(here, "dist"), file = join(here, `../${NAME}.zip`)) {
  if (!existsSync(join(dist, "model/manifest.json")))
    throw new Error(`${dist} has no model: \`cargo xtask fetch\` fetches it, \`npm run build\` builds the page.`);
  const output = createWriteStream(file);
  const zip = new Zip((error, data, final) => {
    if (error) output.destroy(error);
    else if (final) output.end(data);
    else output.write(data);
  });
  const names = readdirSync(dist, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== "source.json")
    .map((entry) => relative(dist, join(entry.parentPath ?? entry.path, entry.name)).replaceAll("\\", "/"))
    .sort();
  const add = (name, bytes) => {
    const entry = DENSE.test(name) ? new ZipPassThrough(`${NAME}/${name}`) : new ZipDeflate(`${NAME}/${name}`);
    entry.mtime = MTIME;
    zip.add(entry);
    entry.push(bytes, true);
  };
  add("READ ME.txt", Buffer.from(READ_ME));
  for (const name of names) add(name, readFileSync(join(dist, name)));
  zip.end();
  await finished(output);
  return output.bytesWritten;
}

runAsCommand(import.meta.url, async () => {
  const bytes = await zipSite();
  console.log(`${NAME}.zip, ${(bytes / 1e6).toFixed(1)} MB`);
});
