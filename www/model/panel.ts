/** Loads the model, and shows how that goes: size, progress, what broke and how to go on. */
import { load, type Functions, type Progress, type Toolgen } from "toolgen";
import { byId, make } from "../dom.ts";
import { explain, type Explained } from "../words/errors.ts";
import { fileSizes, modelFiles } from "./files.ts";
import { SILENT_MS, Tally } from "./tally.ts";
import { afterwards, beforehand, underway } from "./words.ts";

const OTHER_TAB = "Another tab is loading the model; this one takes it from there.";

/** Tries until it works: what has come is kept, so that another attempt goes on where the last one broke. */
export async function loadModel(functions: Functions, failed: (problem: Explained) => void): Promise<Toolgen> {
  for (;;) {
    byId("loading").hidden = false;
    byId("failure").hidden = true;
    const tally = new Tally();
    let isLoaded = false;
    const show = () => void showProgress(tally);
    const timer = setInterval(show, 1000);
    try {
      void fileSizes().then((sizes) => {
        tally.expect(sizes);
        if (tally.total.loaded === 0 && !isLoaded)
          byId("progress-text").textContent = beforehand(tally.total.total, downlink());
      });
      const onProgress = (progress: Progress) => {
        tally.add(progress);
        show();
      };
      const toolgen = await load({ ...(await modelFiles(isSecureContext, onProgress)), functions });
      isLoaded = true;
      showLoaded(tally);
      return toolgen;
    } catch (error) {
      byId("loading").hidden = true;
      const problem = explain(error, { online: navigator.onLine });
      failed(problem);
      await again(problem);
    } finally {
      clearInterval(timer);
    }
  }
}

async function showProgress(tally: Tally): Promise<void> {
  const { total } = tally;
  if (total.loaded > 0) byId<HTMLProgressElement>("progress").value = total.loaded / total.total;
  if (!tally.started && tally.silentMs > SILENT_MS / 2 && (await anotherTabLoads()))
    byId("progress-text").textContent = OTHER_TAB;
  else if (total.loaded > 0) byId("progress-text").textContent = underway(total);
}

/** Stays until something is asked, so that nothing below moves under a finger. */
function showLoaded(tally: Tally): void {
  byId("loading-label").textContent = "The model is ready";
  byId<HTMLProgressElement>("progress").value = 1;
  byId("progress-text").textContent = afterwards(tally.total);
}

/** Before anything of the model has come, a lock that is waited for is this tab's. */
async function anotherTabLoads(): Promise<boolean> {
  const { pending = [] } = (await navigator.locks?.query().catch(() => undefined)) ?? {};
  return pending.some(({ name }) => name?.startsWith("toolgen:"));
}

/** Until "Try again" is pressed, or the network is back. */
function again({ text, code, message }: Explained): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      removeEventListener("online", go);
      resolve();
    };
    byId("failure-text").textContent = text;
    byId("failure-details").replaceChildren(make("p", {}, message), make("code", {}, code));
    byId("try-again").onclick = go;
    byId("failure").hidden = false;
    addEventListener("online", go);
  });
}

/** In Mbit/s, where the browser tells. */
function downlink(): number | undefined {
  return (navigator as { connection?: { downlink?: number } }).connection?.downlink;
}
