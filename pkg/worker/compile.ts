import { Watch, ownNetwork, type Patience } from "../download/exchange.js";

/** The module at an address; compiled while it arrives, where the server says what it is. */
export async function compile(url: URL, patience: Patience = {}): Promise<WebAssembly.Module> {
  const watch = new Watch(ownNetwork(patience));
  try {
    const response = await watch.limit(fetch(url, { signal: watch.signal }));
    if (!response.ok) throw new Error(`HTTP status ${response.status}`);
    // The compiler has the response itself, for which browsers keep what they compile; a copy tells whether bytes come.
    const arriving = arrival(response.clone(), watch);
    const isNamed = response.headers.get("content-type") === "application/wasm";
    const compiling = isNamed
      ? WebAssembly.compileStreaming(response)
      : response.arrayBuffer().then((bytes) => WebAssembly.compile(bytes));
    // What is refused is told at once, but of a request that was given up, why.
    await Promise.race([
      arriving,
      compiling.catch((error) => (watch.signal.aborted ? arriving : Promise.reject(error))),
    ]);
    return await compiling;
  } finally {
    watch.end();
  }
}

async function arrival({ body }: Response, watch: Watch): Promise<void> {
  const reader = body?.getReader();
  while (reader && !(await watch.limit(reader.read())).done);
}
