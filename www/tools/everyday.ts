/** Small everyday calculations: heights in feet and inches, shares in percent, numbers in words, trips, dogs' ages. */

import { randomBelow } from "./random.ts";
import { tidy, toPlaces } from "./rounding.ts";
import { timeZoneOf } from "./zones.ts";

const small = (
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen " +
  "seventeen eighteen nineteen"
).split(" ");
const tens = "- - twenty thirty forty fifty sixty seventy eighty ninety".split(" ");
const scales: [string, number][] = [
  ["trillion", 1e12],
  ["billion", 1e9],
  ["million", 1e6],
  ["thousand", 1e3],
  ["hundred", 100],
];

const romanValues: Record<string, number> = { I: 1, V: 5, X: 10, L: 50, C: 100, D: 500, M: 1000 };
const romanForm = /^M*(CM|CD|D?C{0,3})(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})$/u;

const minute = 60 * 1000;

function inWords(number: number): string {
  if (number < 20) return small[number]!;
  if (number < 100) {
    const rest = number % 10;
    return tens[Math.floor(number / 10)]! + (rest ? `-${small[rest]}` : "");
  }
  const [name, value] = scales.find(([, least]) => number >= least)!;
  const rest = number % value;
  const joint = rest < 100 ? " and " : " ";
  return `${inWords(Math.floor(number / value))} ${name}${rest ? joint + inWords(rest) : ""}`;
}

/** How far a zone's clocks are ahead of UTC at an instant, in minutes. */
function minutesAhead(zone: string, instant: Date): number {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  });
  const part = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
  const clock = Date.UTC(part.year!, part.month! - 1, part.day, part.hour, part.minute);
  return Math.round((clock - Math.floor(instant.getTime() / minute) * minute) / minute);
}

function hoursAndMinutes(minutes: number): string {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return [hours && `${hours} h`, (rest || !hours) && `${rest} min`].filter(Boolean).join(" ");
}

export const everyday = {
  /** An inch is 2.54 cm. */
  feet_inches_to_cm({ feet, inches }: { feet: number; inches: number }) {
    const cm = toPlaces((feet * 12 + inches) * 2.54, 1);
    return { cm, metres: toPlaces(cm / 100, 2) };
  },

  cm_to_feet_inches({ cm }: { cm: number }) {
    const inches = Math.round(cm / 2.54);
    return { feet: Math.floor(inches / 12), inches: inches % 12, text: `${Math.floor(inches / 12)}'${inches % 12}"` };
  },

  roman_to_number({ numeral }: { numeral: string }) {
    const symbols = numeral.trim().toUpperCase();
    if (!symbols || !romanForm.test(symbols)) throw new Error(`"${numeral}" is no Roman numeral.`);
    const values = [...symbols].map((symbol) => romanValues[symbol]!);
    return { number: values.reduce((sum, value, at) => sum + (value < (values[at + 1] ?? 0) ? -value : value), 0) };
  },

  number_in_words({ number }: { number: number }) {
    return { words: number < 0 ? `minus ${inWords(-number)}` : inWords(number) };
  },

  what_percent({ part, whole }: { part: number; whole: number }) {
    if (whole === 0) throw new Error("Nothing is a percentage of 0.");
    return { percent: tidy(toPlaces((part / whole) * 100, 4)) };
  },

  /** At this moment: daylight saving begins and ends on different days. */
  time_difference({ from, to }: { from: string; to: string }, now: () => Date = () => new Date()) {
    const instant = now();
    const ahead = minutesAhead(timeZoneOf(to), instant) - minutesAhead(timeZoneOf(from), instant);
    const distance = hoursAndMinutes(Math.abs(ahead));
    const text =
      ahead === 0
        ? `${to} has the time of ${from}`
        : `${to} is ${distance} ${ahead > 0 ? "ahead of" : "behind"} ${from}`;
    return { hours: toPlaces(ahead / 60, 2), text };
  },

  travel_time({ distance, speed }: { distance: number; speed: number }) {
    if (!(speed > 0)) throw new Error(`The speed must be more than 0, not ${speed}.`);
    const minutes = Math.round((distance / speed) * 60);
    return { hours: toPlaces(distance / speed, 2), text: hoursAndMinutes(minutes) };
  },

  /** 15 years for the first, 9 for the second and 5 for each other (American Veterinary Medical Association). */
  dog_years({ age }: { age: number }) {
    const human = age <= 1 ? 15 * age : age <= 2 ? 15 + 9 * (age - 1) : 24 + 5 * (age - 2);
    return { human_years: toPlaces(human, 1) };
  },

  random_colour() {
    return {
      hex: `#${randomBelow(2 ** 24)
        .toString(16)
        .padStart(6, "0")}`,
    };
  },
};
