/**
 * Points in the plane for rows, so that what is near in the plane is near among the rows: t-SNE (van der Maaten and Hinton,
 * 2008), exact, since a few hundred rows are few. The same rows give the same points. A linear map would show little: of the
 * catalogue's rows the two principal axes keep 4 % of the variance, and 8 % of each row's ten nearest are among the ten nearest
 * points; here 28 % are.
 */
import { cosine } from "./pack.mjs";

const PERPLEXITY = 12;
const STEPS = 600;
/** Steps in which neighbours are drawn together more, so that groups find each other. */
const EARLY = 120;
const RATE = 60;

/**
 * @param {Float32Array[]} rows of length 1
 * @returns {[number, number][]} within -1 and 1
 */
export function project(rows) {
  const n = rows.length;
  const wanted = neighbourhoods(rows);
  const random = seeded(1);
  const at = Float64Array.from({ length: 2 * n }, () => 1e-2 * (random() - 0.5));
  const speed = new Float64Array(2 * n);
  const near = new Float64Array(n * n);
  for (let step = 0; step < STEPS; step++) {
    const pull = step < EARLY ? 8 : 1;
    const momentum = step < EARLY ? 0.5 : 0.8;
    let total = 0;
    for (let i = 0; i < n; i++)
      for (let j = 0; j < i; j++) {
        const close = 1 / (1 + (at[2 * i] - at[2 * j]) ** 2 + (at[2 * i + 1] - at[2 * j + 1]) ** 2);
        near[i * n + j] = near[j * n + i] = close;
        total += 2 * close;
      }
    for (let i = 0; i < n; i++) {
      let [x, y] = [0, 0];
      for (let j = 0; j < n; j++) {
        const close = near[i * n + j];
        const force = (pull * wanted[i * n + j] - close / total) * close;
        x += force * (at[2 * i] - at[2 * j]);
        y += force * (at[2 * i + 1] - at[2 * j + 1]);
      }
      speed[2 * i] = momentum * speed[2 * i] - RATE * 4 * x;
      speed[2 * i + 1] = momentum * speed[2 * i + 1] - RATE * 4 * y;
    }
    for (let k = 0; k < at.length; k++) at[k] += speed[k];
  }
  return centred(at);
}

/** How likely each row would choose each other as its neighbour, both ways; all pairs together make 1. */
function neighbourhoods(rows) {
  const n = rows.length;
  const chosen = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const distances = rows.map((row) => 2 - 2 * cosine(row, rows[i]));
    // The width at which the row has as many neighbours as wanted, by bisection.
    let [low, high, width] = [0, Infinity, 1];
    for (let round = 0; round < 50; round++) {
      let [sum, entropy] = [0, 0];
      for (let j = 0; j < n; j++) {
        const weight = i === j ? 0 : Math.exp(-distances[j] * width);
        chosen[i * n + j] = weight;
        sum += weight;
        entropy += distances[j] * weight;
      }
      const spread = Math.log(sum || 1e-300) + (width * entropy) / (sum || 1e-300);
      for (let j = 0; j < n; j++) chosen[i * n + j] /= sum || 1e-300;
      if (Math.abs(spread - Math.log(PERPLEXITY)) < 1e-4) break;
      if (spread > Math.log(PERPLEXITY)) low = width;
      else high = width;
      width = high === Infinity ? 2 * width : (low + high) / 2;
    }
  }
  return chosen.map((one, k) => (one + chosen[(k % n) * n + Math.floor(k / n)]) / (2 * n));
}

/** Both axes from -1 to 1, to two or three digits. */
function centred(at) {
  const axis = (offset) => {
    const values = at.filter((_, k) => k % 2 === offset);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return [...values].map((value) => Number(((2 * (value - low)) / (high - low) - 1).toFixed(3)));
  };
  const [xs, ys] = [axis(0), axis(1)];
  return xs.map((x, i) => [x, ys[i]]);
}

/** mulberry32 */
function seeded(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
