/** Tools that a request brings are registered with their documents; those that the app has registered itself stay. */
import { ToolgenError } from "../core/errors.js";
import type { JsonSchema } from "../core/types.js";
import type { ToolModel } from "./model.js";

/** A tool as requests have it. */
export interface RequestTool {
  name: string;
  description?: string;
  inputSchema?: unknown;
}

/** Of each model, what came from requests, by name. */
const registered = new WeakMap<ToolModel, Map<string, string>>();

export async function registerTools(
  model: ToolModel,
  tools: readonly RequestTool[],
  signal?: AbortSignal,
): Promise<void> {
  if (!model.register) return; // it has what it has
  const ours = registered.get(model) ?? new Map<string, string>();
  registered.set(model, ours);
  const known = new Set(model.tools.map(({ name }) => name));
  const documents = tools.map(({ name, description, inputSchema }) => ({
    name,
    description: description || name.replaceAll(/[_.-]+/g, " "),
    inputSchema: (inputSchema ?? { type: "object", properties: {} }) as JsonSchema,
  }));
  const isNew = (document: { name: string }) =>
    !known.has(document.name) || (ours.has(document.name) && ours.get(document.name) !== JSON.stringify(document));
  const fresh = documents.filter(isNew);
  if (fresh.length === 0) return;
  const { skipped } = await model.register(fresh, { signal });
  const [problem] = skipped;
  if (problem) throw new ToolgenError("bad_request", `The tool ${problem.name} can't be called: ${problem.message}`);
  for (const document of fresh) ours.set(document.name, JSON.stringify(document));
}
