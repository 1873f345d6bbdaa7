/** A question with the tools that it brings, as the part of an address that no server sees. */
import type { Tool } from "toolgen";
import type { Carried, PlaceName } from "../place.ts";
import { isOwnTool, MOST_OWN } from "../world/own-tool.ts";

export interface Shared extends Carried {
  question: string;
  place: PlaceName;
}

/** Longer addresses are cut by what they are sent with. */
export const MAX_FRAGMENT = 16_000;
const MAX_TOOLS = 50;
const PREFIX = "#run=";

/** Undefined where it is too long for an address. */
export function toFragment(shared: Shared): string | undefined {
  const bytes = new TextEncoder().encode(JSON.stringify(shared));
  if (bytes.length > MAX_FRAGMENT) return undefined;
  const base64 = btoa(String.fromCharCode(...bytes));
  const fragment = PREFIX + base64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  return fragment.length <= MAX_FRAGMENT ? fragment : undefined;
}

/** Whether it was meant to be one, though it may be cut off or changed. */
export function isFragment(fragment: string): boolean {
  return fragment.startsWith("#run");
}

/** Undefined for what is none, which may come from anyone. */
export function fromFragment(fragment: string): Shared | undefined {
  if (!fragment.startsWith(PREFIX) || fragment.length > MAX_FRAGMENT) return undefined;
  try {
    const base64 = fragment.slice(PREFIX.length).replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    return read(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return undefined;
  }
}

function read(value: unknown): Shared | undefined {
  const { question, place, own, tools } = (value ?? {}) as Record<string, unknown>;
  if (typeof question !== "string") return undefined;
  return {
    question,
    place: place === "room" ? "room" : "catalogue",
    ...(Array.isArray(own) && { own: own.filter(isOwnTool).slice(0, MOST_OWN) }),
    ...(Array.isArray(tools) && { tools: tools.filter(isSent).slice(0, MAX_TOOLS) }),
  };
}

/** As far as the page reads a tool before it is registered, which checks all of it. */
function isSent(value: unknown): value is Tool {
  return isTool(value) && value.http !== undefined;
}

/** As far as the page shows one. */
export function isTool(value: unknown): value is Tool {
  const { name, description, parameters, http, annotations } = (value ?? {}) as Record<string, unknown>;
  const { url = "", documentation = "" } = (http ?? {}) as Record<string, unknown>;
  const { title = "" } = (annotations ?? {}) as { title?: unknown };
  const isText = [name, description, url, documentation, title].every((text) => typeof text === "string");
  return isText && typeof parameters === "object" && parameters !== null && (http === undefined || url !== "");
}
