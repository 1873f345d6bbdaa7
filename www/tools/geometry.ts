/** Tools that measure shapes; results are in the unit of the given lengths. */

import { tidy } from "./rounding.ts";

export const geometry = {
  circle_area({ radius }: { radius: number }) {
    return {
      area: tidy(Math.PI * radius ** 2),
      circumference: tidy(2 * Math.PI * radius),
    };
  },

  triangle_hypotenuse({ a, b }: { a: number; b: number }) {
    return { hypotenuse: tidy(Math.hypot(a, b)) };
  },
};
