/** The demo page: loads the model, asks, shows. All else is in the modules beside it. */
import type { Toolgen } from "toolgen";
import { exampleChips, watchNetwork } from "./chips.ts";
import { byId, make } from "./dom.ts";
import { addressOf, askedByLink } from "./link.ts";
import { loadModel } from "./model/panel.ts";
import { whereItComputes, whyThere } from "./model/words.ts";
import { offerOwnTools } from "./own/section.ts";
import { OwnTools } from "./own/tools.ts";
import { playRecording } from "./recording.ts";
import { publish } from "./result.ts";
import { Session } from "./session.ts";
import { setState } from "./state.ts";
import { showToolList } from "./tool-list.ts";
import { functions } from "./tools/index.ts";

const question = byId<HTMLTextAreaElement>("question");
/** Ends with the first question. */
const recording = new AbortController();
const own = new OwnTools();
const session = new Session(() => exampleChips(ask), own);

function ask(text: string): void {
  question.value = "";
  recording.abort();
  void session.ask(text.trim());
}

function listen(): void {
  byId("form").addEventListener("submit", (event) => {
    event.preventDefault();
    ask(question.value);
  });
  byId("cancel").addEventListener("click", () => session.cancel());
  question.addEventListener("keydown", (event) => {
    // Enter asks and Shift+Enter makes a line; Enter that ends an input method's word does neither.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    ask(question.value);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") session.cancel();
  });
  byId("forget").addEventListener("click", () => {
    session.forget();
    history.pushState({ turn: 0 }, "", addressOf(""));
    question.focus();
  });
  addEventListener("popstate", ({ state }: PopStateEvent) => {
    const { turn = 0 } = (state ?? {}) as { turn?: number };
    if (session.show(turn, askedByLink())) return;
    // Of an earlier visit to the page, or before all questions: nothing is asked unasked.
    question.value = askedByLink() ?? "";
    window.scrollTo({ top: 0 });
    question.focus();
  });
}

async function showDevice(toolgen: Toolgen): Promise<void> {
  const report = await toolgen.device();
  // After the model, so that the page is no slower for it; without it, the page does without.
  void import("./offline/page.ts").then(({ showSaved }) => showSaved(byId("saved"), report)).catch(() => {});
  const reasons = whyThere(report);
  byId("device").replaceChildren(whereItComputes(report));
  byId("device").hidden = false;
  if (reasons.length === 0) return;
  const why = make("details", { className: "technical" }, make("summary", {}, "Why there"));
  why.append(...reasons.map((reason) => make("p", {}, reason)));
  byId("device").after(why);
}

function showTools({ tools }: Toolgen, samples: Record<string, string>): void {
  byId("tool-count").textContent = String(tools.length);
  byId("tools").querySelector("summary")!.textContent = `All ${tools.length} tools`;
  showToolList(tools, samples, ask);
}

function ready(): void {
  const keys = [make("kbd", {}, "Enter"), " asks, ", make("kbd", {}, "Esc"), " cancels."];
  byId("keys").replaceChildren(...keys);
  setState("ready", "The model is ready.");
}

async function start(): Promise<void> {
  listen();
  byId("insecure").hidden = isSecureContext;
  const legend = make("span", { className: "quiet legend", ariaHidden: "true" });
  byId("examples").append(make("h2", {}, "Examples ", legend), exampleChips(ask));
  watchNetwork();
  const asked = askedByLink();
  if (asked === null) void playRecording(recording.signal);
  else void session.ask(asked, { byLink: true });
  const samples: Promise<Record<string, string>> = fetch("samples.json")
    .then((response) => response.json())
    .catch(() => ({}));
  const loading = loadModel(functions, (problem) => {
    publish({ error: problem });
    setState("error", "The model could not be loaded.");
  });
  const changed = async () => showTools(await loading, await samples);
  offerOwnTools({ ready: loading, own, ask, changed });
  const toolgen = await loading;
  if (!byId("recorded").hasChildNodes()) recording.abort(); // it was quick: there is nothing to wait for
  await changed();
  ready();
  void showDevice(toolgen);
  await session.begin(toolgen);
}

void start();
