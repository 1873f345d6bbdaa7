/** What the importers of servers and pages make. */
import type { ImportedTool } from "../check-tool.js";
import type { ToolgenError } from "../core/errors.js";

export type { ImportedTool, ToolAnnotations } from "../check-tool.js";

/** The tools of one server or page. */
export interface ToolSource {
  /** The name of the server or page, for people and for prefixes. */
  readonly name: string;
  readonly tools: readonly ImportedTool[];
  /** One error for each tool that was left out because its document is invalid. */
  readonly skipped: readonly ToolgenError[];
}

/** Called after the tools changed, or after reading them again failed; then the old ones stay. */
export type ListChanged = (error: ToolgenError | null, tools: readonly ImportedTool[] | null) => void;
