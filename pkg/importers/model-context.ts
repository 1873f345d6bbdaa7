/**
 * The page's `ModelContext` (WebMCP), as far as it is used. The draft of the W3C's Web Machine
 * Learning group moves: what browsers of the last year do differently is noted where it matters.
 * https://webmachinelearning.github.io/webmcp/
 */

export interface ModelContext {
  /** A promise in the draft; older browsers return nothing and know no `signal`. */
  registerTool(tool: ModelContextTool, options?: { signal?: AbortSignal }): unknown;
  /** Removed from the draft; older browsers unregister by it. */
  unregisterTool?(name: string): unknown;
  getTools?(options?: { fromOrigins?: string[] }): Promise<unknown>;
  /** Gives the result as JSON. */
  executeTool?(tool: unknown, input: object, options?: { signal?: AbortSignal }): Promise<unknown>;
  addEventListener?(type: "toolchange", listener: () => void): void;
  removeEventListener?(type: "toolchange", listener: () => void): void;
}

export interface ModelContextTool {
  name: string;
  title?: string;
  description: string;
  inputSchema: object;
  annotations?: { readOnlyHint?: boolean; untrustedContentHint?: boolean };
  execute(input: unknown, options?: { signal?: AbortSignal }): Promise<unknown>;
}

/** The page's, wherever it is: on `document` in the draft, on `navigator` before. */
export function modelContext(): ModelContext | undefined {
  const { document, navigator } = globalThis as { document?: object; navigator?: object };
  for (const place of [document, navigator]) {
    try {
      const context = (place as { modelContext?: ModelContext } | undefined)?.modelContext;
      if (typeof context?.registerTool === "function") return context;
    } catch {
      // A polyfill's getter may throw: then there is none.
    }
  }
  return undefined;
}

/**
 * Arguments that the draft's `executeTool` reads as an object, and browsers that still want JSON
 * text (Chrome before 155) read as that text: they convert what they get, and an object may say
 * how. Trying one form and then the other could carry a tool out twice.
 */
export function inputOf(args: object): object {
  const json = JSON.stringify(args);
  return Object.defineProperty(JSON.parse(json) as object, Symbol.toPrimitive, { value: () => json });
}
