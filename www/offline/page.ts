/** The page on this device: saved after the first visit, used without a network, deleted when that is wanted. */
import type { DeviceReport } from "toolgen";
import { deleteModel, hasModel } from "toolgen/models";
import { make } from "../dom.ts";

const MODEL = "model/manifest.json";
const SCRIPT = "service-worker.js";

/**
 * Saves what isn't saved yet: the pages, and the module that computes, once it is known. False where this browser keeps
 * nothing, as over plain http, and where the server's files aren't all of one build.
 */
export async function save(report?: DeviceReport): Promise<boolean> {
  if (!("serviceWorker" in navigator) || !("caches" in globalThis)) return false;
  try {
    const active = await newest(await navigator.serviceWorker.register(SCRIPT));
    const { port1, port2 } = new MessageChannel();
    const kept = new Promise<boolean>((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
    const build = document.querySelector<HTMLMetaElement>('meta[name="build"]')?.content;
    active.postMessage({ keep: report ? [moduleOf(report)] : [], build }, [port2]);
    return await kept;
  } catch {
    return false; // no room, or the visitor's settings forbid it
  }
}

/**
 * The service worker of this page's build, if it can be installed; else the one of before. It may still wait for that one,
 * which has requests to end: that takes minutes where a page has left one unread, and the files are kept by then.
 */
async function newest(registration: ServiceWorkerRegistration): Promise<ServiceWorker> {
  if (!registration.installing) await registration.update().catch(() => {}); // there may be no network
  const coming = registration.installing ?? registration.waiting;
  if (coming) await settled(coming, () => registration.active !== null);
  const newest = coming && coming.state !== "redundant" ? coming : registration.active;
  if (!newest) throw new Error("The service worker could not be installed.");
  return newest;
}

/** Once it is active or has failed; where another is active, once it is installed. */
function settled(worker: ServiceWorker, isAnotherActive: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      const { state } = worker;
      if (["activated", "redundant"].includes(state) || (state === "installed" && isAnotherActive())) resolve();
    };
    worker.addEventListener("statechange", look);
    look();
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
