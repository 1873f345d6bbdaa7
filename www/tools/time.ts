/** Tools that tell the time around the world. */

import { timeZoneOf } from "./zones.ts";

const day = 24 * 60 * 60 * 1000;

/** Zones lie up to 26 hours apart, so the other place can even be two days away. */
const relativeDays = ["two days before", "the day before", "the same day", "the next day", "two days later"];

/** What clock and calendar show in a time zone at one instant. */
function clockIn(zone: string, instant: Date) {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hourCycle: "h23",
    weekday: "long",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  });
  const part = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, value]));
  return {
    time: `${part.hour}:${part.minute}`,
    date: `${part.year}-${part.month}-${part.day}`,
    weekday: part.weekday,
  };
}

/** A clock reading as if it stood in UTC, in milliseconds. */
function asUtc({ date, time }: { date: string; time: string }): number {
  return Date.parse(`${date}T${time}Z`);
}

/**
 * The instant at which clocks in a zone show a date and time. The zone's distance from UTC is
 * corrected twice, because the first guess can lie on the other side of a daylight-saving change.
 */
function instantOf(reading: { date: string; time: string }, zone: string): Date {
  const wanted = asUtc(reading);
  let instant = wanted;
  for (let round = 0; round < 2; round += 1) {
    instant += wanted - asUtc(clockIn(zone, new Date(instant)));
  }
  return new Date(instant);
}

export const time = {
  /** Without a place, the time zone of the browser. */
  current_time({ place }: { place?: string }, now: () => Date = () => new Date()) {
    const zone = place === undefined ? new Intl.DateTimeFormat().resolvedOptions().timeZone : timeZoneOf(place);
    return { ...clockIn(zone, now()), time_zone: zone };
  },

  /** Takes the time as one of today, which decides about daylight saving. */
  convert_time({ time, from, to }: { time: string; from: string; to: string }, now: () => Date = () => new Date()) {
    if (!/^([01]\d|2[0-3]):[0-5]\d$/u.test(time)) {
      throw new Error(`"${time}" is not a time of day from 00:00 to 23:59.`);
    }
    const [source, target] = [timeZoneOf(from), timeZoneOf(to)];
    const { date } = clockIn(source, now());
    const result = clockIn(target, instantOf({ date, time }, source));
    const daysLater = (Date.parse(result.date) - Date.parse(date)) / day;
    const relativeDay = relativeDays[daysLater + 2];
    return {
      time: result.time,
      day: relativeDay,
      text: `${time} in ${from} is ${result.time} in ${to}, ${relativeDay}`,
    };
  },
};
