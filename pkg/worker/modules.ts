/** The builds of the module, which give the same bits, and the choice between them. */
import { messageOf, ToolgenError } from "../core/errors.js";
import type { Patience } from "../download/exchange.js";
import { again } from "../util/again.js";
import { throwIfAborted } from "../util/signals.js";
import { TOO_LITTLE_MEMORY, watch } from "./memory.js";
import type { WasmModule } from "./wasm.js";

export interface Modules {
  /** Runs wherever there is SIMD. */
  strict: URL;
  /** With relaxed SIMD, faster; browsers without refuse to compile it. */
  relaxed?: URL;
}

/** Starts the fastest module that can be trusted here; why it is not the relaxed one, if it isn't. */
export async function start(
  wasm: WasmModule,
  { strict, relaxed }: Modules,
  whyNot = whyNotRelaxed,
  patience?: Patience,
): Promise<string | undefined> {
  if (!globalThis.WebAssembly?.validate(SIMD)) {
    const message = "This browser has no WebAssembly with SIMD: Chrome 91, Firefox 89 and Safari 16.4 have.";
    throw new ToolgenError("unsupported", message);
  }
  let reason: string | undefined;
  if (relaxed) {
    reason = whyNot();
    if (!reason) {
      try {
        await begin(wasm, relaxed, patience);
        return undefined;
      } catch (error) {
        throwIfAborted(patience?.signal);
        reason = `The module ${relaxed} could not be started (${messageOf(error)}).`;
      }
    }
  }
  try {
    await begin(wasm, strict, patience);
  } catch (cause) {
    throwIfAborted(patience?.signal);
    if (cause instanceof ToolgenError) throw cause;
    const what = `The module ${strict} could not be`;
    if (cause instanceof TypeError)
      throw new ToolgenError("download", `${what} fetched: ${messageOf(cause)}.`, { url: strict.href });
    if (cause instanceof RangeError) throw new ToolgenError("wasm", `${TOO_LITTLE_MEMORY} (${messageOf(cause)})`);
    const hint = "Is it there, and does the CSP allow 'wasm-unsafe-eval'?";
    throw new ToolgenError("wasm", `${what} started (${messageOf(cause)}). ${hint}`, { url: strict.href });
  }
  return reason;
}

async function begin(wasm: WasmModule, url: URL, patience?: Patience): Promise<void> {
  watch(await again(() => wasm.start(url, patience), patience?.signal));
}

/**
 * Why relaxed SIMD can't be used. Its dot products of bytes are the same everywhere for operands as the kernels have
 * them (the second from 0 to 15), says the specification; a browser that computes anything else is not believed.
 */
export function whyNotRelaxed(probe: Uint8Array<ArrayBuffer> = PROBE): string | undefined {
  if (!WebAssembly.validate(probe)) return "This browser has no relaxed SIMD.";
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(probe));
  const { four, two } = exports as Record<"four" | "two", (a: number, b: number) => number>;
  let seed = 1;
  const random = () => (seed = Math.imul(seed, 69_069) + 1) >>> 16;
  for (let round = 0; round < 64; round++) {
    const a = Array.from({ length: 4 }, () => (round === 0 ? -127 : (random() % 255) - 127));
    const b = Array.from({ length: 4 }, () => (round === 0 ? 15 : random() % 16));
    const [p, q, r, s] = a.map((x, i) => x * b[i]!) as [number, number, number, number];
    // WebAssembly wants little-endian words, which all machines have that browsers run on.
    const [x, y] = [a, b].map((bytes) => new Int32Array(Int8Array.from(bytes).buffer)[0]!) as [number, number];
    if (four(x, y) !== p + q + r + s || two(x, y) !== p + q) return "This browser's relaxed SIMD computes wrongly.";
  }
  return undefined;
}

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** `(func v128.const 0 drop)` */
const SIMD = Uint8Array.from([
  ...HEADER,
  ...[1, 4, 1, 0x60, 0, 0],
  ...[3, 2, 1, 0],
  ...[10, 23, 1, 21, 0, 0xfd, 0x0c, ...Array(16).fill(0), 0x1a, 0x0b],
]);

/**
 * Two functions of two 32-bit words, `four` and `two`: lane 0 of `i32x4.relaxed_dot_i8x16_i7x16_add_s` with zeros, and
 * of `i16x8.relaxed_dot_i8x16_i7x16_s`, of both words in every lane.
 */
const SPLATS = [0x20, 0, 0xfd, 0x11, 0x20, 1, 0xfd, 0x11];
const PROBE = Uint8Array.from([
  ...HEADER,
  ...[1, 7, 1, 0x60, 2, 0x7f, 0x7f, 1, 0x7f],
  ...[3, 3, 2, 0, 0],
  ...[7, 14, 2, 4, ...name("four"), 0, 0, 3, ...name("two"), 0, 1],
  ...[10, 53, 2],
  ...[34, 0, ...SPLATS, 0xfd, 0x0c, ...Array(16).fill(0), 0xfd, 0x93, 2, 0xfd, 0x1b, 0, 0x0b],
  ...[16, 0, ...SPLATS, 0xfd, 0x92, 2, 0xfd, 0x18, 0, 0x0b],
]);

function name(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}
