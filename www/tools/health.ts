/** Tools about the human body. */

import { day, formatDate, parseDate } from "./dates.ts";
import { toPlaces } from "./rounding.ts";

/** The classes of the World Health Organization for adults, by the BMI at which each ends. */
const weightClasses: [string, number][] = [
  ["underweight", 18.5],
  ["normal weight", 25],
  ["overweight", 30],
  ["obesity", Infinity],
];

/** People say their height as 1.75 (metres) or 175 (centimetres); nothing human lies between. */
function heightInMetres(height: number): number {
  if (height <= 3) return height;
  if (height >= 50) return height / 100;
  throw new Error(`${height} is neither a height in metres (1.75) nor in centimetres (175).`);
}

export const health = {
  body_mass_index({ weight, height }: { weight: number; height: number }) {
    const bmi = toPlaces(weight / heightInMetres(height) ** 2, 1);
    const [category] = weightClasses.find(([, limit]) => bmi < limit)!;
    return { bmi, category };
  },

  /** The Mifflin-St Jeor equation; weight in kilograms. */
  calorie_need({ sex, age, weight, height }: { sex: "female" | "male"; age: number; weight: number; height: number }) {
    if (!(weight > 0)) throw new Error(`${weight} kg is not the weight of a person.`);
    const base = 10 * weight + 625 * heightInMetres(height) - 5 * age;
    const resting = base + (sex === "male" ? 5 : -161);
    return {
      at_rest: Math.round(resting),
      little_exercise: Math.round(resting * 1.2),
      moderate_exercise: Math.round(resting * 1.55),
      hard_exercise: Math.round(resting * 1.725),
    };
  },

  /** Shares of the maximum; with a resting pulse, shares of the reserve above it (Karvonen). */
  target_heart_rate({ age, resting_rate: restingRate = 0 }: { age: number; resting_rate?: number }) {
    const maximum = 220 - age;
    if (!(age > 0 && maximum > 0)) throw new Error(`${age} is not the age of a person.`);
    if (restingRate >= maximum) throw new Error(`${restingRate} is no pulse at rest.`);
    const at = (share: number) => Math.round(restingRate + (maximum - restingRate) * share);
    return {
      maximum,
      moderate: `${at(0.5)} to ${at(0.7)}`,
      vigorous: `${at(0.7)} to ${at(0.85)}`,
    };
  },

  /** Naegele's rule: 280 days after the first day of the last period. */
  pregnancy_due_date({ last_period: lastPeriod }: { last_period: string }) {
    const start = parseDate(lastPeriod).getTime();
    const after = (days: number) => formatDate(new Date(start + days * day));
    return { due_date: after(280), conceived_about: after(14) };
  },
};
