/** Tools that count with calendar dates, written YYYY-MM-DD. */

export const day = 24 * 60 * 60 * 1000;
const weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/** Midnight UTC of a date, so that all days are equally long; rejects dates such as 2026-02-30. */
export function parseDate(text: string): Date {
  const date = new Date(`${text}T00:00Z`);
  if (Number.isNaN(date.getTime()) || formatDate(date) !== text) {
    throw new Error(`"${text}" is not a date of the calendar, written YYYY-MM-DD.`);
  }
  return date;
}

export function formatDate(date: Date): string {
  return date.toISOString().replace(/T.*/u, "");
}

export function weekdayOf(date: Date): string {
  return weekdays[date.getUTCDay()]!;
}

/** Today's date where the person is, as midnight UTC. */
export function today(now: () => Date): Date {
  const here = now();
  return new Date(Date.UTC(here.getFullYear(), here.getMonth(), here.getDate()));
}

function daysFrom(start: Date, end: Date): number {
  return (end.getTime() - start.getTime()) / day;
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** Whole calendar months from one date to a later one. */
function monthsFrom(start: Date, end: Date): number {
  const months = (end.getUTCFullYear() - start.getUTCFullYear()) * 12 + end.getUTCMonth() - start.getUTCMonth();
  return end.getUTCDate() < start.getUTCDate() ? months - 1 : months;
}

export const dates = {
  /** Negative when the second date is the earlier one. */
  days_between({ start, end }: { start: string; end: string }) {
    const days = daysFrom(parseDate(start), parseDate(end));
    return { days, text: `${start} to ${end}: ${countOf(days, "day")}` };
  },

  /** Negative when the date has passed. */
  days_until({ date }: { date: string }, now: () => Date = () => new Date()) {
    const days = daysFrom(today(now), parseDate(date));
    const distance = new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(days, "day");
    return { days, text: `${date}: ${distance}` };
  },

  add_days({ date, days }: { date?: string; days: number }, now: () => Date = () => new Date()) {
    const start = date === undefined ? today(now) : parseDate(date);
    const result = new Date(start.getTime() + days * day);
    return { date: formatDate(result), weekday: weekdayOf(result) };
  },

  day_of_week({ date }: { date: string }) {
    return { weekday: weekdayOf(parseDate(date)) };
  },

  age_from_birthdate({ birthdate }: { birthdate: string }, now: () => Date = () => new Date()) {
    const age = monthsFrom(parseDate(birthdate), today(now));
    if (age < 0) throw new Error(`${birthdate} is still to come.`);
    const [years, months] = [Math.floor(age / 12), age % 12];
    return { years, months, text: `${countOf(years, "year")} and ${countOf(months, "month")}` };
  },
};
