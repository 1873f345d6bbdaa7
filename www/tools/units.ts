/** Tools that convert between units of measurement. */

import { tidy, toPlaces } from "./rounding.ts";

interface Conversion<Unit extends string> {
  value: number;
  from: Unit;
  to: Unit;
}

const metres = {
  mm: 0.001,
  cm: 0.01,
  m: 1,
  km: 1000,
  in: 0.0254,
  ft: 0.3048,
  yd: 0.9144,
  mi: 1609.344,
  nmi: 1852,
};

const grams = {
  mg: 0.001,
  g: 1,
  kg: 1000,
  t: 1_000_000,
  oz: 28.349523125,
  lb: 453.59237,
  st: 6350.29318,
};

/** Kitchen and liquid measures are those of the United States. */
const litres = {
  ml: 0.001,
  cl: 0.01,
  dl: 0.1,
  l: 1,
  m3: 1000,
  tsp: 0.00492892159375,
  tbsp: 0.01478676478125,
  fl_oz: 0.0295735295625,
  cup: 0.2365882365,
  pint: 0.473176473,
  quart: 0.946352946,
  gallon: 3.785411784,
};

const squareMetres = {
  cm2: 0.0001,
  m2: 1,
  are: 100,
  hectare: 10_000,
  km2: 1_000_000,
  in2: 0.00064516,
  ft2: 0.09290304,
  yd2: 0.83612736,
  acre: 4046.8564224,
  mi2: 2_589_988.110336,
};

const pascals = {
  Pa: 1,
  hPa: 100,
  kPa: 1000,
  MPa: 1_000_000,
  bar: 100_000,
  mbar: 100,
  psi: 6894.757293168,
  atm: 101_325,
  mmHg: 133.322387415,
  inHg: 3386.388640341,
};

/** Calories are thermochemical, the British thermal unit is that of the International Table. */
const joules = {
  J: 1,
  kJ: 1000,
  MJ: 1_000_000,
  cal: 4.184,
  kcal: 4184,
  Wh: 3600,
  kWh: 3_600_000,
  BTU: 1055.05585262,
};

const turns = {
  degrees: 1 / 360,
  radians: 1 / (2 * Math.PI),
  gradians: 1 / 400,
  turns: 1,
  arcminutes: 1 / 21_600,
  arcseconds: 1 / 1_296_000,
};

/** A year is a Julian year of 365.25 days, a month a twelfth of it. */
const seconds = {
  milliseconds: 0.001,
  seconds: 1,
  minutes: 60,
  hours: 3600,
  days: 86_400,
  weeks: 604_800,
  months: 2_629_800,
  years: 31_557_600,
};

const metresPerSecond = {
  "km/h": 1 / 3.6,
  "mph": 0.44704,
  "m/s": 1,
  "ft/s": 0.3048,
  "knots": 1852 / 3600,
};

const bytes = {
  bit: 1 / 8,
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  PB: 1e15,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** Each scale by its lowest possible temperature and the kelvins in one of its degrees. */
const temperatureScales = {
  celsius: { symbol: "°C", absoluteZero: -273.15, degree: 1 },
  fahrenheit: { symbol: "°F", absoluteZero: -459.67, degree: 5 / 9 },
  kelvin: { symbol: "K", absoluteZero: 0, degree: 1 },
};

/** The tool for units that are multiples of each other, given the size of each. */
function converter<Unit extends string>(sizes: Record<Unit, number>) {
  return ({ value, from, to }: Conversion<Unit>) => {
    const result = tidy((value * sizes[from]) / sizes[to]);
    return { result, text: `${value} ${readable(from)} = ${result} ${readable(to)}` };
  };
}

function readable(unit: string): string {
  return unit
    .replace("_", " ")
    .replace(/(?<=[a-z])2$/u, "²")
    .replace("m3", "m³");
}

export const units = {
  convert_length: converter(metres),
  convert_weight: converter(grams),
  convert_volume: converter(litres),
  convert_speed: converter(metresPerSecond),
  convert_data_size: converter(bytes),
  convert_area: converter(squareMetres),
  convert_pressure: converter(pascals),
  convert_energy: converter(joules),
  convert_angle: converter(turns),
  convert_duration: converter(seconds),

  convert_temperature({ value, from, to }: Conversion<keyof typeof temperatureScales>) {
    const [source, target] = [temperatureScales[from], temperatureScales[to]];
    if (value < source.absoluteZero) {
      throw new Error(`Nothing is colder than ${source.absoluteZero} ${source.symbol}.`);
    }
    const kelvins = (value - source.absoluteZero) * source.degree;
    const result = toPlaces(kelvins / target.degree + target.absoluteZero, 6);
    return { result, text: `${value} ${source.symbol} = ${result} ${target.symbol}` };
  },
};
