/** Tools that measure shapes and bodies; results are in the unit of the given lengths. */

import { tidy } from "./rounding.ts";

function refuseNegative(lengths: Record<string, number>): void {
  for (const [name, length] of Object.entries(lengths)) {
    if (!(length >= 0)) throw new Error(`The ${name} cannot be ${length}.`);
  }
}

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

  rectangle_area({ width, height }: { width: number; height: number }) {
    refuseNegative({ width, height });
    return {
      area: tidy(width * height),
      perimeter: tidy(2 * (width + height)),
    };
  },

  triangle_area({ base, height }: { base: number; height: number }) {
    refuseNegative({ base, height });
    return { area: tidy((base * height) / 2) };
  },

  sphere_volume({ radius }: { radius: number }) {
    refuseNegative({ radius });
    return {
      volume: tidy((4 / 3) * Math.PI * radius ** 3),
      surface: tidy(4 * Math.PI * radius ** 2),
    };
  },

  /** The surface includes both ends. */
  cylinder_volume({ radius, height }: { radius: number; height: number }) {
    refuseNegative({ radius, height });
    return {
      volume: tidy(Math.PI * radius ** 2 * height),
      surface: tidy(2 * Math.PI * radius * (radius + height)),
    };
  },

  box_volume({ length, width, height }: { length: number; width: number; height: number }) {
    refuseNegative({ length, width, height });
    return {
      volume: tidy(length * width * height),
      surface: tidy(2 * (length * width + length * height + width * height)),
    };
  },
};
