/** The bare WebAssembly module, in Node.js and in a page: an engine, what its streams say, and packs that it makes. */

/** `wasm` is what `pkg/wasm/toolgen.js` exports, `module` the module's bytes or URL. */
export async function openEngine(wasm, module, checkpoint, adapter) {
  await wasm.default({ module_or_path: module });
  const device = await wasm.Device.open("cpu");
  const reader = new wasm.CheckpointReader(checkpoint.length, device);
  if (adapter) reader.adapt(adapter);
  reader.push(checkpoint);
  return reader.finish();
}

/** What is said when the same is asked and replied as in a transcript, in the transcript's form. */
export async function follow(engine, { asked, steps }) {
  const replies = steps.flatMap(({ reply }) => reply ?? []);
  const stream = start(engine, asked);
  const seen = [];
  for (let event; (event = await stream.next()); ) {
    seen.push({ event });
    if (!["choose", "approve", "execute"].includes(event.type)) continue;
    const reply = replies.shift();
    stream.reply(reply);
    seen.push({ reply });
  }
  stream.free();
  return seen;
}

function start(engine, { type, query, topK, maxSteps, unsure, prompt, maxTokens }) {
  switch (type) {
    case "retrieve":
      return engine.retrieve(query, topK);
    case "call":
      return engine.call(query, topK);
    case "run":
      return engine.run(query, topK, maxSteps, undefined, unsure);
    case "complete":
      return engine.complete(prompt, maxTokens);
  }
}

/** The bytes of a pack of these tools, whose rows are taught that each of the questions means the tool of that name. */
export async function packOf(engine, tools, questions) {
  const prepared = tools.map((tool) => engine.prepare(tool));
  const rows = [];
  for (const tool of prepared) rows.push(...(await engine.document_row(tool)));
  engine.add_tools(prepared, Float32Array.from(rows));
  const examples = [];
  for (const [question, tool] of Object.entries(questions))
    examples.push({ tool, ...(await engine.example(question)) });
  engine.teach(examples);
  return engine.pack_bytes();
}
