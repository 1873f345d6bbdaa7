/** What every importer makes: a tool in the words that MCP, WebMCP and the Prompt API share. */
import type { ToolgenError } from "../errors.js";
import type { HttpDescription, JsonSchema, LocalFunction } from "../types.js";

export interface ImportedTool {
  /** 1 to 128 of `A-Z a-z 0-9 _ . -`, unique among the tools of one import. */
  name: string;
  description: string;
  /** The arguments: a JSON Schema of type "object", a copy of its own. */
  inputSchema: JsonSchema & { type: "object" };
  /** Carries the tool out. What it gives back is the body of the observation. */
  execute?: LocalFunction;
  http?: HttpDescription;
  annotations?: ToolAnnotations;
}

/** What a tool's author says about it. Nobody has checked that it is true. */
export interface ToolAnnotations {
  title?: string;
  readOnlyHint?: boolean;
  destructiveHint?: boolean;
  idempotentHint?: boolean;
  openWorldHint?: boolean;
  /** WebMCP: the tool's answers hold text of third parties. */
  untrustedContentHint?: boolean;
  /** WebMCP: the tool's effects are grave, or can't be undone. */
  consequentialHint?: boolean;
}

/** The tools of one server or page. */
export interface ToolSource {
  /** Whose tools these are, for people and for prefixes. */
  readonly name: string;
  readonly tools: readonly ImportedTool[];
  /** One error for each tool that was left out because its document is unusable. */
  readonly skipped: readonly ToolgenError[];
}

/** Called after the tools changed, or could not be read again; then the old ones stay. */
export type ListChanged = (error: ToolgenError | null, tools: readonly ImportedTool[] | null) => void;
