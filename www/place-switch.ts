/** The switch between the catalogue and the room. */
import { byId, make } from "./dom.ts";
import type { PlaceName } from "./place.ts";

const PLACES: { name: PlaceName; title: string }[] = [
  { name: "catalogue", title: "Questions" },
  { name: "room", title: "A room" },
];

/** Calls `go` whenever another place is chosen; the result shows a place without that. */
export function placeSwitch(go: (name: PlaceName) => void): (name: PlaceName) => void {
  const inputs = PLACES.map(({ name }) => {
    const input = make("input", { type: "radio", name: "place", value: name, checked: name === "catalogue" });
    input.addEventListener("change", () => go(name));
    return input;
  });
  const labels = PLACES.map(({ title }, index) => make("label", {}, inputs[index], make("span", {}, title)));
  byId("places").append(make("legend", { className: "visually-hidden" }, "What to try"), ...labels);
  return (name) => {
    for (const input of inputs) input.checked = input.value === name;
  };
}
