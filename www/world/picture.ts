/** The drawing of the room, which follows each change at once. */
import drawing from "./room.svg";
import { COLOURS, lightIn, type Colour, type Room } from "./room.ts";
import { clockOf, describe } from "./words.ts";
import type { World } from "./world.ts";

const SVG = "http://www.w3.org/2000/svg";
const SECOND = 1000;
/** More lines don't fit on the note, nor more letters into a line. */
const LINES = 5;
const LETTERS = 10;
const THING = 54;
const THING_COLOURS: readonly Colour[] = ["purple", "red", "blue", "orange", "green", "pink"];

/** `rung` is called when the timer rings. */
export function picture(world: World, rung: () => void): SVGSVGElement {
  const parsed = new DOMParser().parseFromString(drawing, "image/svg+xml");
  const svg = document.importNode(parsed.documentElement, true) as unknown as SVGSVGElement;
  const part = <E extends SVGElement = SVGElement>(selector: string) => svg.querySelector<E>(selector)!;
  let ticking: ReturnType<typeof setTimeout> | undefined;

  function tick(room: Room): void {
    clearTimeout(ticking);
    const left = room.timer ? room.timer.rings - Date.now() : 0;
    const isRunning = left > 0;
    const timer = part(".timer");
    timer.classList.toggle("running", isRunning);
    if (isRunning) {
      part(".left").textContent = clockOf(left);
      part(".hand").style.setProperty("--turned", `${Math.min(359, (left / 3_600_000) * 360)}deg`);
      ticking = setTimeout(
        () => {
          tick(room);
          if (room.timer!.rings > Date.now()) return;
          timer.classList.add("ringing");
          rung();
        },
        Math.min(SECOND, left),
      );
    } else part(".hand").style.setProperty("--turned", "0deg");
  }

  world.watch((room) => {
    svg.setAttribute("aria-label", `A drawing of a room. ${describe(room)}`);
    for (const lamp of svg.querySelectorAll<SVGElement>("[data-lamp]"))
      lamp.classList.toggle(
        "on",
        room.lamps.some((on) => on === lamp.dataset.lamp),
      );
    svg.style.setProperty("--glow", COLOURS[room.colour]);
    svg.style.setProperty("--strength", strengthOf(room));
    svg.style.setProperty("--dark", (0.68 * (1 - lightIn(room))).toFixed(2));
    svg.classList.toggle("closed", room.blinds === "closed");
    part(".degrees").textContent = `${room.degrees}°`;
    part(".radio").classList.toggle("playing", room.music !== undefined);
    part(".list").replaceChildren(...linesOf(room.list));
    part(".pin").classList.toggle("placed", room.pin !== undefined);
    if (room.pin) part(".pin").setAttribute("transform", `translate(${room.pin.longitude} ${-room.pin.latitude})`);
    show(part(".drawing"), room.drawing?.shape, room.drawing?.colour);
    part(".things").replaceChildren(...room.things.map(thing));
    part(".timer").classList.remove("ringing");
    tick(room);
  });
  return svg;
}

/** Of each lamp's light: where several overlap, each is weaker. */
function strengthOf({ brightness, lamps }: Room): string {
  return ((0.4 + 0.35 * (brightness / 100)) * (1 - 0.13 * Math.max(0, lamps.length - 1))).toFixed(2);
}

/** The last lines of the shopping list. */
function linesOf(list: readonly string[]): SVGElement[] {
  return list.slice(-LINES).map((item) => {
    const line = make("tspan", { x: 548, dy: 18 });
    line.textContent = item.length > LETTERS ? `${item.slice(0, LETTERS - 1)}…` : item;
    return line;
  });
}

function thing({ shape }: Room["things"][number], index: number): SVGElement {
  const place = { x: 232 + THING * 0.9 * (index % 5), y: 332 + 10 * (index % 2), width: THING, height: THING };
  const use = make("use", place);
  show(use, shape, THING_COLOURS[index % THING_COLOURS.length]);
  return use;
}

function show(use: SVGElement, shape: string | undefined, colour: Colour = "red"): void {
  if (shape === undefined) use.removeAttribute("href");
  else use.setAttribute("href", `#room-${shape}`);
  use.setAttribute("color", COLOURS[colour]);
}

function make(tag: string, attributes: Record<string, string | number>): SVGElement {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}
