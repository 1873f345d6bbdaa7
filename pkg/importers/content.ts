/** The result of MCP's `tools/call` as the value of an observation. */
import { ToolgenError } from "../core/errors.js";
import { isRecord } from "../util/is-record.js";
import { kindOf } from "../util/kind-of.js";

export interface Media {
  mimeType: string;
  /** Base64. */
  data: string;
}

/** A resource: a link has its URI and descriptions, an embedded one its `text` or `blob` (base64). */
export interface Resource {
  uri: string;
  name?: string;
  title?: string;
  description?: string;
  mimeType?: string;
  text?: string;
  blob?: string;
}

/** The parts of a result that is more than text or structured content. */
export interface Parts {
  text?: string;
  structuredContent?: Record<string, unknown>;
  images?: Media[];
  audio?: Media[];
  resources?: Resource[];
}

const RESOURCE_TEXTS = ["name", "title", "description", "mimeType", "text", "blob"] as const;

/**
 * Text alone becomes a string. Structured content stands for the text beside it, which servers are
 * told to repeat it in. With images, audio or resources, all parts stay apart, as `Parts`. Nothing
 * at all is null. `isError` is a `function_failed` error with the parts as its `body`; a result that
 * MCP doesn't define is an `mcp` error.
 */
export function valueOf(tool: string, result: unknown): unknown {
  const parts = partsOf(tool, result);
  if ((result as { isError?: unknown }).isError === true) {
    const message = parts.text || JSON.stringify(parts.structuredContent) || "it gave no reason";
    throw new ToolgenError("function_failed", `The tool ${tool} failed: ${message.slice(0, 500)}`, { body: parts });
  }
  if (parts.images || parts.audio || parts.resources) return parts;
  return parts.structuredContent ?? parts.text ?? null;
}

function partsOf(tool: string, result: unknown): Parts {
  if (!isRecord(result)) throw malformed(tool, "", `is ${kindOf(result)}`);
  const { content = [], structuredContent } = result;
  if (!Array.isArray(content)) throw malformed(tool, "/content", `is ${kindOf(content)}`);
  const parts: Parts = {};
  content.forEach((block: unknown, index) => addBlock(parts, tool, block, `/content/${index}`));
  if (structuredContent !== undefined && structuredContent !== null) {
    if (!isRecord(structuredContent)) throw malformed(tool, "/structuredContent", `is ${kindOf(structuredContent)}`);
    parts.structuredContent = structuredContent;
  }
  return parts;
}

function addBlock(parts: Parts, tool: string, block: unknown, path: string): void {
  if (!isRecord(block)) throw malformed(tool, path, `is ${kindOf(block)}`);
  const text = (record: Record<string, unknown>, key: string, at = path): string => {
    const value = record[key];
    if (typeof value !== "string") throw malformed(tool, `${at}/${key}`, `is ${kindOf(value)}`);
    return value;
  };
  const media = (): Media => ({ mimeType: text(block, "mimeType"), data: text(block, "data") });
  switch (block.type) {
    case "text":
      parts.text = parts.text === undefined ? text(block, "text") : `${parts.text}\n${text(block, "text")}`;
      return;
    case "image":
      (parts.images ??= []).push(media());
      return;
    case "audio":
      (parts.audio ??= []).push(media());
      return;
    case "resource_link":
    case "resource": {
      const embedded = block.type === "resource";
      const source = embedded ? block.resource : block;
      const at = embedded ? `${path}/resource` : path;
      if (!isRecord(source)) throw malformed(tool, at, `is ${kindOf(source)}`);
      const resource: Resource = { uri: text(source, "uri", at) };
      for (const key of RESOURCE_TEXTS) if (source[key] !== undefined) resource[key] = text(source, key, at);
      (parts.resources ??= []).push(resource);
      return;
    }
    default:
      throw malformed(
        tool,
        `${path}/type`,
        `is ${typeof block.type === "string" ? JSON.stringify(block.type.slice(0, 60)) : kindOf(block.type)}, which MCP doesn't define`,
      );
  }
}

function malformed(tool: string, path: string, problem: string): ToolgenError {
  return new ToolgenError("mcp", `The tool ${tool} returned an invalid result: ${path || "it"} ${problem}.`);
}
