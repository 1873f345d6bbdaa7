/** A call as the page writes it: the tool's token set apart from its arguments. */
import type { ToolCall } from "toolgen";
import { make } from "../dom.ts";

export function showCall({ name, arguments: args }: ToolCall): HTMLElement {
  return make("pre", { className: "call" }, make("mark", {}, name), ` ${JSON.stringify(args)}`);
}
