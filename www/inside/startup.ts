/** How the model was loaded, once, as a row of phases. Parts come side by side: each phase is what was waited for last. */
import type { DeviceReport } from "toolgen";
import type { Phase } from "./phases.ts";

type Startup = DeviceReport["startup"];

const PARTS: { part: keyof Startup; actor: Phase["actor"]; what: string }[] = [
  { part: "moduleMs", actor: "page", what: "until the module runs" },
  { part: "deviceMs", actor: "page", what: "until the device is open" },
  { part: "checkpointMs", actor: "page", what: "until the weights are there" },
  { part: "toolsMs", actor: "reads", what: "until the tools can be chosen" },
];

export function startupPhases(startup: Startup): Phase[] {
  let from = 0;
  const phases = PARTS.map(({ part, ...phase }) => {
    const to = Math.max(from, startup[part] ?? from);
    const row = { ...phase, fromMs: from, toMs: to };
    from = to;
    return row;
  });
  return phases.filter(({ fromMs, toMs }) => toMs > fromMs);
}
