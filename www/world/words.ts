/** The room in words, for its caption and for who can't see it. */
import { listOf } from "../words/humanise.ts";
import { LAMPS, type Room, type Thing } from "./room.ts";

export function describe(room: Room, now = Date.now()): string {
  const { lamps, brightness, colour, blinds, degrees, timer, music, list, pin, drawing, things } = room;
  const parts = [
    lampsOf(lamps, brightness, colour),
    `blinds ${blinds}`,
    `${degrees} °C`,
    music && `${music} on the radio`,
    timer && (timer.rings > now ? `timer set for ${timer.minutes} min` : "the timer has rung"),
    list.length > 0 ? `to buy: ${list.join(", ")}` : "nothing to buy",
    pin && `a pin in ${pin.city}`,
    drawing && `a ${drawing.colour} ${drawing.shape} on the easel`,
    things.length > 0 && `in the room: ${listOf(things.map(({ shape }: Thing) => `a ${shape}`))}`,
  ];
  return `${parts.filter(Boolean).join(" · ")}.`;
}

function lampsOf(lamps: readonly string[], brightness: number, colour: string): string {
  if (lamps.length === 0) return "All lamps off";
  const which = lamps.length === LAMPS.length ? "All lamps on" : `${listOf(lamps)} on`;
  const text = `${which} at ${brightness} %${colour === "white" ? "" : `, ${colour}`}`;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `4:05` */
export function clockOf(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
