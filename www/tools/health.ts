/** Tools about the human body. */

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
};
