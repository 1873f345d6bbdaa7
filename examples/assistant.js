/** What all examples share: two tools of the page, a form for the question, a list of what happens. */
import { defineTool, load } from "toolgen";
import { checkpoint } from "toolgen-135m";

const setTimer = defineTool({
  name: "set_timer",
  description: "Starts a timer that rings after some minutes.",
  inputSchema: { type: "object", properties: { minutes: { type: "number", minimum: 0 } }, required: ["minutes"] },
  execute: ({ minutes }) => ({ timer: `rings in ${minutes} minutes` }),
});

const pageTitle = defineTool({
  name: "page_title",
  description: "Says what this page is called.",
  inputSchema: { type: "object", properties: {} },
  execute: () => ({ title: document.title }),
  annotations: { readOnlyHint: true },
});

/** Writes into `output`; gives a function that runs a question and one that frees the model. `options` are `load()`'s. */
export async function start(output, options = {}) {
  const show = (text) => output.append(`${text}\n`);
  const toolgen = await load({
    checkpoint,
    onProgress: ({ loaded, total }) => (output.dataset.loaded = `${Math.round((100 * loaded) / total)} %`),
    ...options,
  });
  await toolgen.register([setTimer, pageTitle]);
  show("Ready.");

  async function ask(question) {
    const choose = (candidates) => {
      const names = candidates.map(({ name }) => name);
      return names[prompt(`Which? ${names.map((name, i) => `${i + 1}: ${name}`).join(", ")}`) - 1];
    };
    const approve = ({ name, arguments: args }) => confirm(`${name} ${JSON.stringify(args)}?`);
    for await (const event of toolgen.run(question, { approve, choose })) {
      if (event.type === "call") show(`${event.call.name} ${JSON.stringify(event.call.arguments)}`);
      if (event.type === "ask") show(`Please say ${event.parameters.map(({ name }) => name).join(", ")}.`);
      if (event.type === "error") show(event.error.message);
      if (event.type === "answer") show(event.text);
      if (event.type === "finish") show(`(${event.reason})`);
    }
  }
  return { ask, dispose: () => toolgen.dispose() };
}

/** Wires the page's form. */
export async function main(options) {
  const output = document.querySelector("output");
  try {
    const { ask } = await start(output, options);
    document.querySelector("form").addEventListener("submit", async (event) => {
      event.preventDefault();
      await ask(new FormData(event.target).get("question")).catch((error) => output.append(`${error.message}\n`));
    });
  } catch (error) {
    output.append(`${error.message}\n`);
  }
}
