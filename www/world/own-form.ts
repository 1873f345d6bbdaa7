/** The form with which a visitor adds a tool to the room. */
import { byId, make } from "../dom.ts";
import { explain } from "../words/errors.ts";
import type { OwnTool } from "./own-tool.ts";
import { FINDS } from "./room.ts";

/** `add` says what became of it. */
export function ownForm(add: (tool: OwnTool) => Promise<string>): HTMLElement {
  const description = make("input", { type: "text", required: true, maxLength: 120, placeholder: "Lets the cat in" });
  const shape = make("select", {}, ...FINDS.map((find) => make("option", { value: find }, `a ${find}`)));
  const button = make("button", { type: "submit", className: "primary" }, "Add the tool");
  const outcome = make("p", { className: "quiet outcome", role: "status" });
  const form = make(
    "form",
    { className: "bring-tool", autocomplete: "off" },
    make("label", {}, make("span", {}, "What does your tool do?"), description),
    make("label", {}, make("span", {}, "What appears then?"), shape),
    button,
    outcome,
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    outcome.textContent = "The model reads it…";
    const text = description.value.trim();
    try {
      outcome.textContent = await add({ description: text, shape: shape.value as OwnTool["shape"] });
      description.value = "";
      byId("question").focus();
    } catch (error) {
      outcome.textContent = explain(error).text;
    } finally {
      button.disabled = false;
    }
  });
  return form;
}
