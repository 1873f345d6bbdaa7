/** What the tests of calls over HTTP share. */
import assert from "node:assert/strict";

import { ToolgenError } from "../../pkg/core/errors.ts";
import type { HttpDescription, Tool } from "../../pkg/core/types.ts";

export function toolOf(url: string, http: Partial<HttpDescription> = {}, annotations?: Tool["annotations"]): Tool {
  return { name: "stubbed", description: "", parameters: {}, http: { method: "GET", url, ...http }, annotations };
}

/** What the promise rejects with, which must be a ToolgenError of this code. */
export async function failure(code: string, promise: Promise<unknown>): Promise<ToolgenError> {
  const error = await promise.then(
    () => assert.fail(`expected ${code}`),
    (error) => error,
  );
  assert.ok(error instanceof ToolgenError, String(error));
  assert.equal(error.code, code, error.message);
  return error;
}
