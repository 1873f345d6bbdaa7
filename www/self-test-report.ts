/** The self-test's report, as Markdown: what the device is, and what each kernel did. */

/** A kernel's outcome, as `src/self_test` gives it. */
export interface Outcome {
  kernel: string;
  shape: string;
  ok: boolean;
  error: number;
  tolerance: number;
  /** None for a kernel that is wrong. */
  milliseconds?: number | null;
  gbPerS?: number | null;
}

/** Names and values, in the order in which they are shown. */
export type Facts = Record<string, string>;

/** The parts of WebGPU that are read here; TypeScript's library has none of it yet. */
interface Adapter {
  info: Record<"vendor" | "architecture" | "device" | "description", string> & { isFallbackAdapter?: boolean };
  features: Iterable<string>;
  limits: Record<string, number>;
}
interface Gpu {
  requestAdapter(options: object): Promise<Adapter | null>;
  wgslLanguageFeatures?: Iterable<string>;
}

const LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupsPerDimension",
];

/** What the browser tells of its GPU; fails where there is no WebGPU. */
export async function describeDevice(): Promise<Facts> {
  const { gpu } = navigator as { gpu?: Gpu };
  if (!gpu)
    throw new Error(
      "This browser has no WebGPU here (it needs a secure address, https or localhost). The model runs on the processor instead.",
    );
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter)
    throw new Error(
      "This browser has WebGPU, but no adapter for it: the GPU may be blocked or missing. The model runs on the processor instead.",
    );
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
  const names = [vendor, architecture, device, description].filter(Boolean).join(", ") || "not named";
  const list = (values: Iterable<string> = []) => [...values].sort().join(", ") || "none";
  return {
    Adapter: isFallbackAdapter ? `${names} (software)` : names,
    Features: list(adapter.features),
    Limits: LIMITS.map((name) => `${name} ${adapter.limits[name]}`).join(", "),
    "WGSL language features": list(gpu.wgslLanguageFeatures),
    "User agent": navigator.userAgent,
  };
}

/** A kernel's error beside the allowed one. */
export function errorOf({ error, tolerance }: Outcome): string {
  const short = (value: number) => (value === 0 ? "0" : Number.isFinite(value) ? value.toExponential(1) : "not finite");
  return `${short(error)} / ${short(tolerance)}`;
}

export function report(facts: Facts, outcomes: Outcome[], end: string): string {
  const row = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [
    "# toolgen WebGPU self-test",
    "",
    end,
    "",
    ...Object.entries(facts).map(([name, value]) => `- ${name}: ${value}`),
    "",
    row(["kernel", "on", "result", "error / allowed", "ms", "GB/s"]),
    row(["---", "---", "---", "---", "---:", "---:"]),
    ...outcomes.map((outcome) =>
      row([
        outcome.kernel,
        outcome.shape,
        outcome.ok ? "ok" : "FAILED",
        errorOf(outcome),
        outcome.milliseconds?.toFixed(3) ?? "",
        outcome.gbPerS?.toFixed(1) ?? "",
      ]),
    ),
    "",
  ].join("\n");
}
