/** What the importers' tests share: calling an imported tool, and expecting an error of the package. */
import assert from "node:assert/strict";

import { ToolgenError, type ErrorCode } from "../../pkg/core/errors.ts";
import type { ImportedTool } from "../../pkg/importers/types.ts";

export async function failure(code: ErrorCode, promise: unknown): Promise<ToolgenError> {
  const error = await Promise.resolve(promise).then(
    (value) => assert.fail(`expected ${code}, got ${JSON.stringify(value)}`),
    (error) => error,
  );
  assert.ok(error instanceof ToolgenError, String(error));
  assert.equal(error.code, code, error.message);
  return error;
}

export function call(
  tools: readonly ImportedTool[],
  name: string,
  args: object = {},
  signal = new AbortController().signal,
): unknown {
  return tools.find((tool) => tool.name === name)!.execute!(args, { signal });
}
