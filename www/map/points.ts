/** The tools' points in the plane: which one lies in a direction, and where a row without a point belongs. */

export interface Point {
  x: number;
  y: number;
}

export interface MappedTool extends Point {
  name: string;
  /** The indices of the nearest rows, nearest first. */
  near: number[];
}

export type Direction = "ArrowUp" | "ArrowDown" | "ArrowLeft" | "ArrowRight";

const AHEAD: Record<Direction, Point> = {
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
};
/** Of the drawing, from its middle. */
export const EDGE = 1.1;
/** How high a line of names is, in letters. */
const LINE = 3.5;
/** How much further off a point to the side seems than one ahead. */
const ASIDE = 2.5;

/** The next point in a direction, undefined at the border. */
export function nextPoint(points: readonly Point[], from: number, direction: Direction): number | undefined {
  const { x, y } = points[from]!;
  const way = AHEAD[direction];
  let best: { index: number; distance: number } | undefined;
  for (const [index, point] of points.entries()) {
    const [dx, dy] = [point.x - x, point.y - y];
    const ahead = dx * way.x + dy * way.y;
    const aside = Math.abs(dx * way.y) + Math.abs(dy * way.x);
    if (index === from || ahead <= 0 || aside > ASIDE * ahead) continue;
    const distance = ahead + ASIDE * aside;
    if (!best || distance < best.distance) best = { index, distance };
  }
  return best?.index;
}

/** The mean of points by their weights, which need not make 1. */
export function weightedMean(points: readonly (Point & { weight: number })[]): Point {
  const total = points.reduce((sum, { weight }) => sum + weight, 0) || 1;
  const mean = (axis: "x" | "y") => points.reduce((sum, point) => sum + point[axis] * point.weight, 0) / total;
  return { x: mean("x"), y: mean("y") };
}

/** The tools whose names can be written above their points, whole and without covering another's, the first ones first. */
export function uncovered(tools: readonly MappedTool[], nameOf: (name: string) => string, letter: number): Set<number> {
  const written: { x: number; y: number; half: number }[] = [];
  const named = new Set<number>();
  for (const [index, { name, x, y }] of tools.entries()) {
    const half = (letter * (nameOf(name).length + 2)) / 2;
    const isFree = written.every(
      (other) => Math.abs(other.x - x) > other.half + half || Math.abs(other.y - y) > LINE * letter,
    );
    if (!isFree || Math.abs(x) + half > EDGE) continue;
    written.push({ x, y, half });
    named.add(index);
  }
  return named;
}

export async function readMap(): Promise<MappedTool[]> {
  const response = await fetch("map.json");
  if (!response.ok) throw new Error(`map.json: HTTP ${response.status}`);
  return ((await response.json()) as { tools: MappedTool[] }).tools;
}
