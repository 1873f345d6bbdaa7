/** Rounds away the noise of binary fractions, so that 0.1 + 0.2 reads 0.3. */
export function tidy(value: number): number {
  const rounded = Number.isSafeInteger(value) ? value : Number(value.toPrecision(12));
  return rounded + 0; // turns -0 into 0
}

/** Rounds to a fixed number of decimal places. */
export function toPlaces(value: number, places: number): number {
  return Number(value.toFixed(places)) + 0;
}
