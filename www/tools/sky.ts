/** Tools about the moon and the signs of the zodiac. */

import { day, parseDate, today } from "./dates.ts";

/** The last day of each month that still belongs to the sign that began in the month before. */
const signs: [month: string, lastDay: number, sign: string][] = [
  ["january", 19, "Capricorn"],
  ["february", 18, "Aquarius"],
  ["march", 20, "Pisces"],
  ["april", 19, "Aries"],
  ["may", 20, "Taurus"],
  ["june", 20, "Gemini"],
  ["july", 22, "Cancer"],
  ["august", 22, "Leo"],
  ["september", 22, "Virgo"],
  ["october", 22, "Libra"],
  ["november", 21, "Scorpio"],
  ["december", 21, "Sagittarius"],
];

const animals = ["Rat", "Ox", "Tiger", "Rabbit", "Dragon", "Snake", "Horse", "Goat", "Monkey", "Rooster", "Dog", "Pig"];

const elements = ["Wood", "Fire", "Earth", "Metal", "Water"];

/** Each phase is followed by the part of the month up to the next. */
const phases = ["new moon", "first quarter", "full moon", "last quarter"];
const betweenPhases = ["waxing crescent", "waxing gibbous", "waning gibbous", "waning crescent"];

const degreesPerDay = 360 / 29.530588853;

/** What is left after taking away whole rounds, also of negative numbers. */
function wrap(value: number, round: number): number {
  return ((value % round) + round) % round;
}

/**
 * How far the moon stands east of the sun, in degrees: 0 when new, 180 when full. The largest terms
 * of Meeus, Astronomical Algorithms, chapter 48, which are right to within half a degree.
 */
function elongation(instant: number): number {
  const centuries = (instant - Date.UTC(2000, 0, 1, 12)) / day / 36_525;
  const sin = (degrees: number) => Math.sin((degrees * Math.PI) / 180);
  const mean = 297.8502 + 445_267.1115 * centuries;
  const sun = 357.5291 + 35_999.0503 * centuries;
  const moon = 134.9634 + 477_198.8675 * centuries;
  const angle =
    mean +
    6.289 * sin(moon) -
    2.1 * sin(sun) +
    1.274 * sin(2 * mean - moon) +
    0.658 * sin(2 * mean) +
    0.214 * sin(2 * moon) +
    0.11 * sin(mean);
  return wrap(angle, 360);
}

/** A new, half or full moon is said of the day (in UTC) on which it comes. */
function phaseOn(midnight: number): string {
  const [before, after] = [midnight, midnight + day].map((instant) => Math.floor(elongation(instant) / 90));
  return before === after ? betweenPhases[before!]! : phases[after!]!;
}

function daysInMonth(index: number): number {
  return new Date(Date.UTC(2024, index + 1, 0)).getUTCDate();
}

export const sky = {
  zodiac_sign({ day: birthday, month }: { day: number; month: string }) {
    const index = signs.findIndex(([name]) => name === month.toLowerCase());
    if (index < 0) throw new Error(`"${month}" is not a month.`);
    if (!Number.isInteger(birthday) || birthday < 1 || birthday > daysInMonth(index)) {
      throw new Error(`There is no ${month} ${birthday}.`);
    }
    const [, lastDay] = signs[index]!;
    const [, , sign] = signs[birthday <= lastDay ? index : (index + 1) % 12]!;
    return { sign };
  },

  /** The Chinese year begins in January or February: those born before belong to the year before. */
  chinese_zodiac({ year }: { year: number }) {
    if (!Number.isInteger(year)) throw new Error(`${year} is not a year.`);
    return {
      animal: animals[wrap(year - 4, 12)],
      element: elements[Math.floor(wrap(year - 4, 10) / 2)],
    };
  },

  moon_phase({ date }: { date?: string }, now: () => Date = () => new Date()) {
    const midnight = (date === undefined ? today(now) : parseDate(date)).getTime();
    const noon = elongation(midnight + day / 2);
    const phase = phaseOn(midnight);
    return {
      phase,
      illuminated_percent: Math.round((1 - Math.cos((noon * Math.PI) / 180)) * 50),
      days_to_full_moon: phase === "full moon" ? 0 : Math.round(wrap(180 - noon, 360) / degreesPerDay),
    };
  },
};
