// What the lesson takes from the pack and the catalogue: sizes, documents, and ten questions to judge by.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PACK } from "../map/build.mjs";
import { readPack } from "../map/pack.mjs";

const DEV = join(import.meta.dirname, "../../models/catalogue/dev.jsonl");
const QUESTIONS = 10;
/** Longer ones make a table that no phone shows. */
const LONGEST = 60;
/** Tokens that the base model, SmolLM2-135M, reads at most. */
const CONTEXT = 8192;

export function lessonData() {
  const { tools, rows } = existsSync(PACK) ? readPack(readFileSync(PACK)) : { tools: [], rows: [] };
  const definition = ({ name, description, parameters }) => JSON.stringify({ name, description, parameters });
  const all = tools.reduce((sum, tool) => sum + definition(tool).length, 0);
  return {
    measured: {
      tools: tools.length,
      characters: Math.round(all / Math.max(1, tools.length)),
      context: CONTEXT,
      dimensions: rows[0]?.length ?? 0,
    },
    documents: tools.map(({ name, description, parameters }) => ({
      name,
      text: `${name} ${description} ${JSON.stringify(parameters.properties ?? {})}`,
    })),
    questions: questions(new Set(tools.map(({ name }) => name))),
  };
}

/** Short ones with one call, at a fixed stride, each for another tool. */
function questions(known) {
  const byTool = new Map();
  const lines = existsSync(DEV) ? readFileSync(DEV, "utf8").split("\n").filter(Boolean) : [];
  for (const { query, calls } of lines.map((line) => JSON.parse(line))) {
    const tool = calls[0]?.name;
    if (calls.length === 1 && query.length <= LONGEST && known.has(tool) && !byTool.has(tool)) byTool.set(tool, query);
  }
  const stride = Math.max(1, Math.floor(byTool.size / QUESTIONS));
  const chosen = [...byTool].filter((_, i) => i % stride === 0).slice(0, QUESTIONS);
  return chosen.map(([tool, query]) => ({ query, tool }));
}
