/** One HTTP tool by itself: the request that a call sends, and what comes back. A run loads this for its first such call. */
export { execute, executeInSteps, type ExecuteEvent, type ExecuteOptions, type HttpOptions } from "./http/execute.js";
export { originsOf } from "./http/origins.js";
export { buildRequest, type HttpRequest } from "./http/request.js";
export type { HttpAnswer, ImageBody } from "./http/answer.js";
export type { RetryOptions } from "./http/retry.js";
export type { SecretHeaders } from "./http/secrets.js";
