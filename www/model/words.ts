/** What the page says of its model: its size, how it comes, where it computes. */
import type { DeviceReport } from "toolgen";
import { megabytes } from "../words/format.ts";
import { capitalised, durationOf } from "../words/humanise.ts";
import type { Total } from "./tally.ts";

/** A guess of more than this is told in whole minutes. */
const MINUTES = 90_000;

/** Before the first byte: the size, and a time if the browser knows how fast its network is (in Mbit/s). */
export function beforehand(bytes: number, downlink: number | undefined): string {
  if (bytes === 0) return "Starting…";
  const size = `${Math.round(bytes / 1e6)} MB`;
  // Browsers tell no more than 10 Mbit/s.
  const least = downlink !== undefined && downlink >= 10 ? "at most " : "";
  const ms = downlink ? (bytes * 8) / (downlink * 1e3) : 0;
  const time = ms > 0 ? `: ${least}about ${durationOf(ms > MINUTES ? Math.ceil(ms / 60_000) * 60_000 : ms)}` : "";
  return `${size}${time}. Starting…`;
}

export function underway({ loaded, total, bytesPerSecond, remainingMs, cached, kept }: Total): string {
  const amount = `${megabytes(loaded)} of ${megabytes(total)} MB`;
  if (loaded >= total) return `${amount} · preparing the model…`;
  if (cached) return `${amount} · from this browser's storage`;
  const left = remainingMs === undefined ? [] : [`${durationOf(remainingMs)} left`];
  const rate = bytesPerSecond > 0 ? `${megabytes(bytesPerSecond)} MB/s` : "waiting for data";
  return [amount, ...left, rate, kept ? "only on the first visit" : "no room to keep it for the next visit"].join(
    " · ",
  );
}

export function afterwards({ loaded, cached, kept }: Total): string {
  if (loaded === 0) return "Ask away.";
  const size = `${Math.round(loaded / 1e6)} MB`;
  if (cached) return `${size}, from this browser's storage.`;
  return kept
    ? `${size}, kept in this browser for the next visit.`
    : `${size}. There is no room to keep it for the next visit.`;
}

export function whereItComputes({ kind, description, simd, threads: { count } }: DeviceReport): string {
  if (kind === "webgpu") return `Computes on the graphics card${description ? ` (${description})` : ""}.`;
  const parts = [simd.kind === "relaxed" ? "relaxed SIMD" : "SIMD", count > 1 ? `${count} threads` : ""];
  return `Computes on the processor, with ${parts.filter(Boolean).join(" and ")}.`;
}

/** Why it isn't the graphics card, the fast instructions or several threads. */
export function whyThere({ reason, simd, threads }: DeviceReport): string[] {
  return [reason, simd.reason, threads.reason].flatMap((text) => (text ? capitalised(text) : []));
}
