/** The demo page: loads the model, asks, shows. All else is in the modules beside it. */
import type { Toolgen } from "toolgen";
import { exampleChips, watchNetwork } from "./chips.ts";
import { byId, drawn, make } from "./dom.ts";
import { addressOf, followed, type Followed } from "./link.ts";
import { loadModel } from "./model/panel.ts";
import { whereItComputes, whyThere } from "./model/words.ts";
import type { AskPerson } from "./permission.ts";
import type { PlaceName } from "./place.ts";
import { placeSwitch } from "./place-switch.ts";
import { Catalogue } from "./catalogue.ts";
import { offerInstall } from "./offline/install.ts";
import { offerOwnTools } from "./own/section.ts";
import { OwnTools } from "./own/tools.ts";
import { playRecording } from "./recording.ts";
import { publish } from "./result.ts";
import { bring } from "./share/bring.ts";
import { openRunButton } from "./share/play-run.ts";
import { Session } from "./session.ts";
import { setState } from "./state.ts";
import { showToolList } from "./tool-list.ts";
import { functions } from "./tools/index.ts";
import { TypingPanel } from "./typing/panel.ts";
import { RoomPanel } from "./world/panel.ts";

const question = byId<HTMLTextAreaElement>("question");
let toolgen: Toolgen | undefined;
/** What the address led to, until something is asked. */
let link: Followed | undefined;
/** Ends with the first question. */
const recording = new AbortController();
const own = new OwnTools(() => room.tools());
/** What stands on the page to be pressed. */
const askAlone = (text: string) => ask(text, true);
const room = new RoomPanel(ask);
const catalogue = new Catalogue(() => room.tools(), own);
const session = new Session(
  catalogue,
  own,
  () => (session.place === room ? room.examples() : exampleChips(askAlone)),
  (result, place, turn) => {
    if (place !== room) return;
    room.answered(result);
    // In another language it would be understood there as little.
    if (result.abstained && result.ranking?.length) turn.offer(wayOut(turn.question));
  },
);
const markPlace = placeSwitch((name) => {
  go(name);
  const isAsked = Boolean(history.state?.turn); // Back leads to that question again
  history[isAsked ? "pushState" : "replaceState"]({ turn: 0 }, "", addressOf("", session.place));
});

const typing = new TypingPanel(() => session.place);

function go(name: PlaceName): void {
  const isRoom = name === "room";
  document.documentElement.dataset.place = name;
  session.place = isRoom ? room : catalogue;
  markPlace(name);
  room.show(isRoom);
  void typing.follow();
  for (const id of ["examples", "own", "tools"]) byId(id).hidden = isRoom;
  byId("recorded").hidden = isRoom;
  countTools();
  question.placeholder = isRoom ? "Make it cosy" : "Weather in Oslo?";
}

function ask(text: string, alone = false): void {
  const before = link?.question === text ? bringing(link) : undefined;
  link = undefined;
  byId("incomplete").hidden = true;
  question.value = "";
  recording.abort();
  if (toolgen) byId("loading").hidden = true; // it has been read
  typing.rest();
  void session.ask(text.trim(), { alone, before });
}

/** The tools of a link come before its question. */
function bringing({ own: ownTools, tools }: Followed): (ask: AskPerson) => Promise<void> {
  return (ask) => bring({ own: ownTools, tools }, { toolgen: toolgen!, own, room, ask });
}

/** Where the page's address leads. */
function arrive(): Followed {
  link = followed();
  go(link.place);
  byId("incomplete").hidden = !link.incomplete;
  return link;
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
    history.pushState({ turn: 0 }, "", addressOf("", session.place));
    question.focus();
  });
  addEventListener("popstate", ({ state }: PopStateEvent) => {
    const { question: asked } = arrive();
    const { turn = 0 } = (state ?? {}) as { turn?: number };
    if (session.show(turn, asked)) return;
    // Of an earlier visit to the page, or before all questions: nothing is asked unasked.
    question.value = asked ?? "";
    window.scrollTo({ top: 0 });
    question.focus();
  });
}

/** How many there are to choose from. */
function countTools(): void {
  const count = session.place.tools()?.length ?? toolgen?.tools.length;
  if (count !== undefined) byId("tool-count").textContent = String(count);
}

/** From the room, whose tools are few, to all others. */
function wayOut(text: string): HTMLElement {
  const onclick = () => {
    go("catalogue");
    askAlone(text);
  };
  const button = make("button", { type: "button", className: "choice", onclick }, "Ask it under “Questions”");
  return make("p", { className: "actions" }, button);
}

/** From the examples into the room. */
function invitation(): HTMLElement {
  const onclick = () => {
    go("room");
    askAlone("Make it cosy");
  };
  const chip = make("button", { type: "button", className: "chip", onclick }, "Make it cosy");
  return make("p", { className: "invitation" }, "Or give a room your orders: ", chip);
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

/** The catalogue's tools and the visitor's own. */
function showTools({ tools }: Toolgen, samples: Record<string, string>): void {
  const inRoom = new Set(room.tools());
  const listed = tools.filter(({ name }) => !inRoom.has(name));
  byId("tools").querySelector("summary")!.textContent = `All ${listed.length} tools`;
  showToolList(listed, samples, askAlone);
  countTools();
}

function ready(): void {
  const keys = [make("kbd", {}, "Enter"), " asks, ", make("kbd", {}, "Esc"), " cancels."];
  byId("keys").replaceChildren(...keys);
  setState("ready", "The model is ready.");
}

async function start(): Promise<void> {
  listen();
  offerInstall(byId("install"));
  byId("open-run").append(openRunButton(() => recording.abort()));
  byId("insecure").hidden = isSecureContext;
  const legend = make("span", { className: "quiet legend", ariaHidden: "true" });
  byId("examples").append(make("h2", {}, "Examples ", legend), exampleChips(askAlone), invitation());
  watchNetwork();
  const address = arrive();
  const { place, question: asked } = address;
  // Later, so that the page is laid out but once; what has the focus by then keeps it.
  void drawn().then(() => document.activeElement === document.body && question.focus({ preventScroll: true }));
  if (asked !== undefined) void session.ask(asked, { byLink: true, before: bringing(address) });
  else if (place === "catalogue") void playRecording(recording.signal);
  const samples: Promise<Record<string, string>> = fetch("samples.json")
    .then((response) => response.json())
    .catch(() => ({}));
  const loading = loadModel(functions, (problem) => {
    publish({ error: problem });
    setState("error", "The model could not be loaded.");
  });
  const changed = async () => showTools(await loading, await samples);
  offerOwnTools({ ready: loading, own, ask, changed });
  toolgen = await loading;
  if (!byId("recorded").hasChildNodes()) recording.abort(); // it was quick: there is nothing to wait for
  await changed();
  ready();
  void showDevice(toolgen);
  catalogue.begin(toolgen);
  room.begin(toolgen);
  countTools();
  typing.begin(toolgen);
  await session.begin(toolgen);
}

void start();
