/** Tools about getting around: running, and the fuel of cars. */

import { tidy, toPlaces } from "./rounding.ts";

type FuelUnit = "l/100km" | "km/l" | "mpg" | "mpg_uk";

const kilometresPerMile = 1.609344;

/** Kilometres per litre of one mile per gallon, of the United States and of Britain. */
const perLitre = {
  "km/l": 1,
  mpg: kilometresPerMile / 3.785411784,
  mpg_uk: kilometresPerMile / 4.54609,
};

function requireMore(amounts: Record<string, number>): void {
  for (const [name, amount] of Object.entries(amounts)) {
    if (!(amount > 0)) throw new Error(`The ${name} must be more than 0, not ${amount}.`);
  }
}

/** Minutes as people read a stopwatch: 5.5 is 5:30. */
function stopwatch(minutes: number): string {
  const seconds = Math.round(minutes * 60);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** Litres for 100 km are the only measure that gets smaller as cars get better. */
function kilometresPerLitre(value: number, unit: FuelUnit): number {
  return unit === "l/100km" ? 100 / value : value * perLitre[unit];
}

export const travel = {
  running_pace({ distance, minutes, unit = "km" }: { distance: number; minutes: number; unit?: "km" | "mi" }) {
    requireMore({ distance, "number of minutes": minutes });
    const kilometres = unit === "mi" ? distance * kilometresPerMile : distance;
    return {
      pace_per_km: stopwatch(minutes / kilometres),
      pace_per_mile: stopwatch((minutes / kilometres) * kilometresPerMile),
      speed_kmh: toPlaces((kilometres / minutes) * 60, 2),
    };
  },

  trip_fuel_cost({ distance, consumption, price }: { distance: number; consumption: number; price: number }) {
    requireMore({ distance, consumption, price });
    const litres = (distance * consumption) / 100;
    return { cost: toPlaces(litres * price, 2), litres: toPlaces(litres, 2) };
  },

  convert_fuel_economy({ value, from, to }: { value: number; from: FuelUnit; to: FuelUnit }) {
    requireMore({ value });
    const economy = kilometresPerLitre(value, from);
    const result = tidy(to === "l/100km" ? 100 / economy : economy / perLitre[to]);
    return { result, text: `${value} ${from} = ${result} ${to}`.replaceAll("_uk", " (UK)") };
  },
};
