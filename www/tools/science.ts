/** Tools for school physics and chemistry, and for the feel of the weather. */

import { atomicWeights } from "./elements.ts";
import { tidy, toPlaces } from "./rounding.ts";

/** An element, a bracket, or the number behind either; a hydrate's dot parts two formulas. */
const formulaPart = /([A-Z][a-z]?|[()[\]])(\d*)/uy;

function weightOf(symbol: string): number {
  const weight = atomicWeights.get(symbol);
  if (weight === undefined) throw new Error(`There is no element "${symbol}".`);
  return weight;
}

/** The weight of a formula such as Ca(OH)2: a closing bracket multiplies all since its opening. */
function formulaWeight(formula: string): number {
  const open: number[] = [];
  let weight = 0;
  formulaPart.lastIndex = 0;
  while (formulaPart.lastIndex < formula.length) {
    const [, part = "", digits = ""] = formulaPart.exec(formula) ?? [];
    const count = digits === "" ? 1 : Number(digits);
    const outside = /[)\]]/u.test(part) ? open.pop() : 0;
    if (part === "" || outside === undefined) {
      throw new Error(`"${formula}" is not a chemical formula such as H2O or Ca(OH)2.`);
    }
    if (/[([]/u.test(part)) {
      open.push(weight);
      weight = 0;
    } else if (/[)\]]/u.test(part)) weight = outside + weight * count;
    else weight += weightOf(part) * count;
  }
  if (open.length > 0) throw new Error(`A bracket of "${formula}" is not closed.`);
  return weight;
}

export const science = {
  /** Any two of voltage, current and resistance give the third. */
  ohms_law({ voltage, current, resistance }: { voltage?: number; current?: number; resistance?: number }) {
    const given = [voltage, current, resistance].filter((value) => value !== undefined);
    if (given.length !== 2) throw new Error("Ohm's law needs exactly two of the three values.");
    if (current === 0 || resistance === 0) {
      throw new Error("Ohm's law needs a current and a resistance above 0.");
    }
    const volts = voltage ?? current! * resistance!;
    const amperes = current ?? volts / resistance!;
    return {
      voltage: tidy(volts),
      current: tidy(amperes),
      resistance: tidy(resistance ?? volts / amperes),
      power: tidy(volts * amperes),
    };
  },

  molar_mass({ formula }: { formula: string }) {
    const parts = formula
      .replace(/\s/gu, "")
      .split(/[·*.]/u)
      .map((part) => {
        const [, count = "", rest = ""] = /^(\d*)(.*)$/u.exec(part) ?? [];
        if (rest === "") throw new Error(`"${formula}" is not a chemical formula such as H2O.`);
        return (count === "" ? 1 : Number(count)) * formulaWeight(rest);
      });
    const mass = toPlaces(
      parts.reduce((sum, part) => sum + part, 0),
      3,
    );
    return { grams_per_mole: mass, text: `${formula}: ${mass} g/mol` };
  },

  /** The index of 2001 of Canada and the United States, for °C and km/h. */
  wind_chill({ temperature, wind_speed: speed }: { temperature: number; wind_speed: number }) {
    if (temperature > 10) throw new Error("Wind chill is defined up to 10 °C only.");
    if (speed < 4.8) throw new Error("Wind chill is defined from 4.8 km/h of wind only.");
    const power = speed ** 0.16;
    const chill = 13.12 + 0.6215 * temperature - 11.37 * power + 0.3965 * temperature * power;
    return { feels_like: toPlaces(chill, 1), text: `feels like ${toPlaces(chill, 1)} °C` };
  },

  kinetic_energy({ mass, speed }: { mass: number; speed: number }) {
    if (!(mass >= 0)) throw new Error(`A mass cannot be ${mass} kg.`);
    return { joules: tidy((mass * speed ** 2) / 2) };
  },
};
