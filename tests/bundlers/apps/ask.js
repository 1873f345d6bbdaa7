/** What every app does: a tool of its own, a question, the answer in the page for the test to read. */
import { defineTool, load } from "toolgen";
import { checkpoint } from "toolgen-135m";

const double = defineTool({
  name: "double_number",
  description: "Doubles a number.",
  inputSchema: { type: "object", properties: { number: { type: "number" } }, required: ["number"] },
  execute: ({ number }) => ({ doubled: 2 * number }),
  annotations: { readOnlyHint: true },
});
const greet = defineTool({ name: "greet_person", description: "Says hello to a person.", inputSchema: { type: "object", properties: { name: { type: "string" } }, required: ["name"] }, execute: ({ name }) => `Hello ${name}` });

export async function ask() {
  const page = document.documentElement.dataset;
  try {
    const toolgen = await load({ checkpoint });
    await toolgen.register([double, greet]);
    for await (const event of toolgen.run("double the number 21")) {
      if (event.type === "finish") page.result = JSON.stringify({ call: event.call, result: event.observation?.result });
    }
    toolgen.dispose();
    page.state = "done";
  } catch (error) {
    page.result = `${error.code}: ${error.stack}`;
    page.state = "error";
  }
}
