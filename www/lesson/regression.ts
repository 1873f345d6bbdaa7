/** Softmax regression in the plane: rows that learn from questions, one step of gradient descent after another. */

export type Vector = readonly [number, number];

export interface Example {
  state: Vector;
  /** The index of the right row. */
  tool: number;
}

const RATE = 0.6;
/** Keeps rows from growing without end where questions part cleanly. */
const DECAY = 0.01;

export function softmax(scores: readonly number[]): number[] {
  const most = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - most));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

export function probabilities(rows: readonly Vector[], [x, y]: Vector): number[] {
  return softmax(rows.map(([a, b]) => a * x + b * y));
}

/** Minus the logarithm of what the right rows got, on average. */
export function loss(rows: readonly Vector[], examples: readonly Example[]): number {
  const losses = examples.map(({ state, tool }) => -Math.log(probabilities(rows, state)[tool]!));
  return losses.reduce((sum, one) => sum + one, 0) / losses.length;
}

/** Each row turns towards its questions, and away from the others' as far as it claimed them. */
export function step(rows: readonly Vector[], examples: readonly Example[]): Vector[] {
  return rows.map(([a, b], index) => {
    let [x, y] = [DECAY * a, DECAY * b];
    for (const { state, tool } of examples) {
      const off = (probabilities(rows, state)[index]! - (tool === index ? 1 : 0)) / examples.length;
      x += off * state[0];
      y += off * state[1];
    }
    return [a - RATE * x, b - RATE * y];
  });
}

/** Three groups of made-up questions, around three directions, the same at every visit. */
export const questions: Example[] = [0, 1, 2].flatMap((tool) =>
  Array.from({ length: 8 }, (_, i) => {
    const angle = 0.5 + (tool * 2 * Math.PI) / 3 + 0.85 * Math.sin(7 * i + 3 * tool);
    const length = 0.95 + 0.35 * Math.cos(5 * i + tool);
    return { tool, state: [length * Math.cos(angle), length * Math.sin(angle)] as const };
  }),
);

/** Before any training: they point anywhere. */
export const untrained: Vector[] = [
  [-0.35, 0.3],
  [0.15, -0.45],
  [0.4, 0.2],
];
