/** The page on this device: saved after the first visit, used without a network, deleted when that is wanted. */
import type { DeviceReport } from "toolgen";
import { deleteModel, hasModel } from "toolgen/models";
import { make } from "../dom.ts";

const MODEL = "model/manifest.json";
const SCRIPT = "service-worker.js";

/** How long a new service worker is waited for once it is installed: the one before it may have requests for minutes. */
const PATIENCE_MS = 1000;

interface Wanted {
  /** The module that computes here, once it is known. */
  keep: string[];
  build?: string;
}

/**
 * Saves what isn't saved yet: the pages, and the module that computes, once it is known. False where this browser keeps
 * nothing, as over plain http, and where the server's files aren't all of one build.
 */
export async function save(report?: DeviceReport): Promise<boolean> {
  if (!("serviceWorker" in navigator) || !("caches" in globalThis)) return false;
  try {
    const build = document.querySelector<HTMLMetaElement>('meta[name="build"]')?.content;
    const wanted = { keep: report ? [moduleOf(report)] : [], build };
    const workers = await workersOf(await navigator.serviceWorker.register(SCRIPT));
    const kept = await Promise.all(workers.map((worker) => ask(worker, wanted)));
    return kept.at(-1) === true && !kept.includes(false);
  } catch {
    return false; // no room, or the visitor's settings forbid it
  }
}

/**
 * Those that may answer the next visit: the active service worker and, while that still has requests, the one of this page's
 * build that takes over from it, which is then the last.
 */
async function workersOf(registration: ServiceWorkerRegistration): Promise<ServiceWorker[]> {
  if (!registration.installing) await registration.update().catch(() => {}); // there may be no network
  const coming = registration.installing ?? registration.waiting;
  if (coming) {
    const isLate = reaches(coming, "installed").then(() => new Promise((resolve) => setTimeout(resolve, PATIENCE_MS)));
    await Promise.race([reaches(coming, "activated"), isLate]);
  }
  const workers = new Set([registration.active, coming]);
  return [...workers].filter((worker): worker is ServiceWorker => !!worker && worker.state !== "redundant");
}

/** Resolves once the worker is in this state, or never will be: it has failed, or another has taken its place. */
function reaches(worker: ServiceWorker, state: ServiceWorkerState): Promise<void> {
  return new Promise((resolve) => {
    const look = () => [state, "redundant"].includes(worker.state) && resolve();
    worker.addEventListener("statechange", look);
    look();
  });
}

/** Whether it keeps what is wanted; undefined where another takes its place before it says so. */
function ask(worker: ServiceWorker, wanted: Wanted): Promise<boolean | undefined> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }: MessageEvent<boolean>) => resolve(data);
    void reaches(worker, "redundant").then(() => resolve(undefined));
    worker.postMessage(wanted, [port2]);
  });
}

/** Whether the model is on this device, as the package keeps it. */
export function isModelSaved(): Promise<boolean> {
  return hasModel(MODEL);
}

/** The build of the module that computes here. */
export function moduleOf({ simd, threads }: Pick<DeviceReport, "simd" | "threads">): string {
  if (threads.count > 1) return "toolgen_threads_bg.wasm";
  return simd.kind === "relaxed" ? "toolgen_relaxed_bg.wasm" : "toolgen_bg.wasm";
}

/** The page, the model, and the rows of the visitor's tools. */
export async function deleteAll(): Promise<void> {
  const registration = await navigator.serviceWorker.getRegistration();
  await registration?.unregister();
  // The origin may have other pages, whose storage is theirs.
  for (const name of await caches.keys()) if (name.startsWith("toolgen")) await caches.delete(name);
  await deleteModel(MODEL);
  indexedDB.deleteDatabase("toolgen");
}

/** A line that says what is saved, with a button that deletes it. */
export async function showSaved(place: HTMLElement, report: DeviceReport): Promise<void> {
  if (!(await save(report))) return;
  const [withModel, { usage }] = await Promise.all([isModelSaved(), navigator.storage.estimate()]);
  const remove = make("button", { type: "button", className: "plain" }, "Delete it");
  remove.addEventListener("click", async () => {
    remove.disabled = true;
    await deleteAll();
    place.textContent = "Deleted from this device. The next visit loads everything again.";
    place.focus();
  });
  place.tabIndex = -1;
  place.replaceChildren(savedText(withModel, usage), " ", remove);
  place.hidden = false;
}

export function savedText(withModel: boolean, bytes: number | undefined): string {
  const size = bytes ? `, ${Math.max(1, Math.round(bytes / 1e6))} MB` : "";
  return withModel
    ? `Saved for offline${size}: this page works without a network.`
    : `This page is saved for offline${size}, but there was no room for the model.`;
}
