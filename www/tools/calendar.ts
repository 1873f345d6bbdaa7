/** Tools about the calendar: weeks, leap years, Easter, working days and Unix time. */

import { day, formatDate, parseDate, weekdayOf } from "./dates.ts";

function daysInYear(year: number): number {
  return (Date.UTC(year + 1, 0, 1) - Date.UTC(year, 0, 1)) / day;
}

/** After Meeus: a day of the Julian March, moved by what that calendar lags behind ours. */
function julianEaster(year: number): Date {
  const moon = (19 * (year % 19) + 15) % 30;
  const weekday = (2 * (year % 4) + 4 * (year % 7) - moon + 34) % 7;
  const marchDay = moon + weekday + 22;
  const lag = Math.floor(year / 100) - Math.floor(year / 400) - 2;
  return new Date(Date.UTC(year, 2, marchDay + lag));
}

/** The anonymous Gregorian algorithm. */
function gregorianEaster(year: number): Date {
  const golden = year % 19;
  const century = Math.floor(year / 100);
  const lunarShift = Math.floor((century - Math.floor((century + 8) / 25) + 1) / 3);
  const moon = (19 * golden + century - Math.floor(century / 4) - lunarShift + 15) % 30;
  const yearPart = Math.floor((year % 100) / 4);
  const weekday = (32 + 2 * (century % 4) + 2 * yearPart - moon - (year % 4)) % 7;
  const correction = Math.floor((golden + 11 * moon + 22 * weekday) / 451);
  return new Date(Date.UTC(year, 2, 22 + moon + weekday - 7 * correction));
}

/** Saturdays and Sundays are not working days. */
function isWorkingDay(date: Date): boolean {
  return date.getUTCDay() % 6 !== 0;
}

export const calendar = {
  is_leap_year({ year }: { year: number }) {
    if (!Number.isInteger(year) || year < 1) throw new Error(`${year} is not a year.`);
    const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
    return { leap_year: leap, days: leap ? 366 : 365 };
  },

  /** ISO 8601: weeks start on Monday, and a week belongs to the year of its Thursday. */
  week_number({ date }: { date: string }) {
    const start = parseDate(date);
    const thursday = new Date(start.getTime() + (3 - ((start.getUTCDay() + 6) % 7)) * day);
    const year = thursday.getUTCFullYear();
    const week = Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / day / 7) + 1;
    const dayOfYear = (start.getTime() - Date.UTC(start.getUTCFullYear(), 0, 1)) / day + 1;
    return {
      week,
      year,
      day_of_year: dayOfYear,
      days_left: daysInYear(start.getUTCFullYear()) - dayOfYear,
    };
  },

  easter_date({ year, church = "western" }: { year: number; church?: "western" | "orthodox" }) {
    if (!Number.isInteger(year) || year < 1583 || year > 4099) {
      throw new Error("Easter is known from 1583 to 4099.");
    }
    const sunday = church === "orthodox" ? julianEaster(year) : gregorianEaster(year);
    return { easter: formatDate(sunday), good_friday: formatDate(new Date(+sunday - 2 * day)) };
  },

  /** Both days count; public holidays are not taken out. */
  working_days({ start, end }: { start: string; end: string }) {
    const [first, last] = [parseDate(start), parseDate(end)];
    if (last < first) throw new Error(`${end} is before ${start}.`);
    const days = (last.getTime() - first.getTime()) / day + 1;
    const fullWeeks = Math.floor(days / 7);
    let workingDays = fullWeeks * 5;
    for (let offset = fullWeeks * 7; offset < days; offset += 1) {
      if (isWorkingDay(new Date(first.getTime() + offset * day))) workingDays += 1;
    }
    return { working_days: workingDays, days };
  },

  unix_to_date({ timestamp }: { timestamp: number }) {
    const instant = new Date(timestamp * 1000);
    if (Number.isNaN(instant.getTime())) throw new Error(`${timestamp} is too far from 1970.`);
    return {
      utc: instant.toISOString().replace(".000Z", "Z"),
      weekday: weekdayOf(instant),
    };
  },
};
