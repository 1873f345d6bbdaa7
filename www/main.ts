/** The demo page: loads the model, asks, shows. All else is in the modules beside it. */
import {
  load,
  ToolgenError,
  type Observation,
  type Progress,
  type RankedTool,
  type RunEvent,
  type Toolgen,
  type ToolCall,
  type HttpRequest,
} from "toolgen";
import { AnswerCard, type Timings } from "./answer.ts";
import { byId, make } from "./dom.ts";
import { examples } from "./examples.ts";
import { megabytes } from "./format.ts";
import { showToolList } from "./tool-list.ts";
import { functions } from "./tools/index.ts";

const MODEL = {
  checkpoint: "models/checkpoint/smollm2-135m-instruct-q4_1.gguf",
  adapter: "models/adapter/toolgen-135m.safetensors",
  pack: "models/packs/catalogue.safetensors",
};

/** What a question led to, as far as it got; tests read it from the page. */
interface Result {
  question: string;
  ranking?: RankedTool[];
  /** No tool fits. */
  abstained?: boolean;
  /** The question doesn't say these required arguments. */
  missing?: string[];
  call?: ToolCall;
  request?: HttpRequest;
  answer?: Observation;
  timings: Timings;
  /** All memory of the model, if it still lives. */
  memoryBytes?: number;
  error?: { code: string; message: string };
}

const question = byId<HTMLTextAreaElement>("question");
let toolgen: Toolgen | undefined;
let card: AnswerCard;
let current: AbortController | undefined;

function setState(state: "loading" | "ready" | "busy" | "done" | "error", status: string): void {
  document.documentElement.dataset.state = state;
  byId("status").textContent = status;
  byId("ask").hidden = state === "busy";
  byId("cancel").hidden = state !== "busy";
}

function showError(error: unknown): { code: string; message: string } {
  const code = error instanceof ToolgenError ? error.code : "unexpected";
  const message = error instanceof Error ? error.message : String(error);
  byId("error").replaceChildren(make("p", {}, message), make("code", { className: "quiet" }, code));
  byId("error").hidden = false;
  return { code, message };
}

function showProgress({ file, loaded, total, bytesPerSecond, cached }: Progress): void {
  if (file !== "checkpoint") return;
  if (total !== undefined) byId<HTMLProgressElement>("progress").value = loaded / total;
  const size = total === undefined ? "" : ` of ${megabytes(total)}`;
  const from = cached ? "from this browser's cache" : `${megabytes(bytesPerSecond)} MB/s, only on the first visit`;
  byId("progress-text").textContent = `${megabytes(loaded)}${size} MB · ${from}`;
}

async function ask(text: string): Promise<void> {
  if (!toolgen) return;
  current?.abort();
  const abort = (current = new AbortController());
  question.value = text;
  history.replaceState(null, "", text ? `?q=${encodeURIComponent(text)}` : location.pathname);
  byId("error").hidden = true;
  card.begin(text);
  window.scrollTo({ top: 0 }); // an example may have been clicked far below
  setState("busy", "Thinking…");

  const result: Result = { question: text, timings: {} };
  const started = performance.now();
  const elapsed = () => Math.round(performance.now() - started);
  try {
    const approve = (call: ToolCall) => confirm(`Carry out ${call.name}?\n${JSON.stringify(call.arguments, null, 2)}`);
    const choose = (candidates: RankedTool[]) => card.choose(candidates);
    for await (const event of toolgen.run(text, { signal: abort.signal, approve, choose, maxSteps: 1 })) {
      if (abort !== current) return; // a newer question has the page
      show(event, result, elapsed);
    }
  } catch (error) {
    if (abort !== current) return;
    if (abort.signal.aborted) {
      setState("ready", "Cancelled.");
      card.stop();
      return;
    }
    result.error = showError(error);
  }
  result.timings.totalMs = elapsed();
  result.memoryBytes = await toolgen.memory().then(
    ({ wasmBytes }) => wasmBytes,
    () => undefined,
  );
  if (abort !== current) return;
  card.timings(result.timings);
  card.stop();
  byId("result").textContent = JSON.stringify(result);
  setState(result.error ? "error" : "done", result.error ? "That did not work." : "The answer is there.");
}

function show(event: RunEvent, result: Result, elapsed: () => number): void {
  switch (event.type) {
    case "prefill":
      return card.reading(event.done, event.total);
    case "ranking":
      result.ranking = event.tools;
      return card.ranking(event.tools);
    case "abstain":
      result.abstained = true;
      return card.abstained(event.reason);
    case "tool":
      result.timings.toolMs = elapsed();
      return card.tool(event.name);
    case "arguments":
      return card.argumentsDelta(event.text);
    case "call":
      result.call = event.call;
      result.timings.callMs = elapsed();
      card.call(event.call);
      return card.timings(result.timings);
    case "ask":
      result.missing = event.parameters.map(({ name }) => name);
      return card.ask(event.call, event.parameters);
    case "request":
      result.request = event.request;
      return card.request(result.call!.name, event.request);
    case "observation":
      result.answer = event.observation;
      return card.answer(event.observation);
    case "error":
      result.error = showError(event.error);
  }
}

function cancel(): void {
  current?.abort();
}

function listen(): void {
  byId("form").addEventListener("submit", (event) => {
    event.preventDefault();
    void ask(question.value);
  });
  byId("cancel").addEventListener("click", cancel);
  question.addEventListener("keydown", (event) => {
    // Enter asks and Shift+Enter makes a line; Enter that ends an input method's word does neither.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void ask(question.value);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") cancel();
  });
  for (const { question } of examples) {
    const button = make(
      "button",
      { type: "button", className: "chip", disabled: true, onclick: () => void ask(question) },
      question,
    );
    byId("examples").append(make("li", {}, button));
  }
}

async function start(): Promise<void> {
  listen();
  const asked = new URLSearchParams(location.search).get("q");
  question.value = asked ?? "";
  try {
    const [loaded, samples] = await Promise.all([
      load({ ...MODEL, functions, onProgress: showProgress }),
      fetch("samples.json")
        .then((response) => response.json())
        .catch(() => ({})),
    ]);
    toolgen = loaded;
    card = new AnswerCard(toolgen.tools);
    byId("tool-count").textContent = String(toolgen.tools.length);
    byId("loading").hidden = true;
    byId("tools").querySelector("summary")!.textContent = `All ${toolgen.tools.length} tools`;
    showToolList(toolgen.tools, samples, (question) => void ask(question));
    for (const button of document.querySelectorAll<HTMLButtonElement>("button:disabled")) button.disabled = false;
    setState("ready", "The model is ready.");
    if (asked !== null) await ask(asked);
  } catch (error) {
    byId("loading").hidden = true;
    byId("result").textContent = JSON.stringify({ error: showError(error) });
    setState("error", "The model could not be loaded.");
  }
}

void start();
