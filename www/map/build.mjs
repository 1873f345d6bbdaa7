// dist/map.json: where the tools' rows lie, and which are nearest to each. Made anew when the pack has changed.
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { nearest, readPack } from "./pack.mjs";
import { project } from "./project.mjs";

export const PACK = join(import.meta.dirname, "../../models/packs/catalogue.safetensors");
const NEAR = 3;

export function writeMap(file) {
  if (!existsSync(PACK)) return;
  const { size, mtimeMs } = statSync(PACK);
  const source = `${size}-${mtimeMs}`;
  if (existsSync(file) && JSON.parse(readFileSync(file, "utf8")).source === source) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ source, ...mapOf(readPack(readFileSync(PACK))) }));
}

export function mapOf({ tools, rows }) {
  const points = project(rows);
  return {
    tools: tools.map(({ name }, i) => ({
      name,
      x: points[i][0],
      y: points[i][1],
      near: nearest(rows, rows[i], NEAR, i),
    })),
  };
}
