/** One attempt: a request goes out, and the response of the same origin comes back. */
import { ToolgenError } from "../core/errors.js";
import type { Deadline } from "../util/signals.js";
import { parseUrl } from "../util/url.js";
import { originOf } from "./origins.js";
import type { HttpRequest } from "./request.js";
import type { Secrets } from "./secrets.js";

const MAX_REDIRECTS = 5;

/**
 * Redirects within an origin are common and followed; another origin is not what the tool's author
 * named. What can be done about one depends on who follows:
 *
 * - With `redirect: "follow"` a browser follows before a page can see anything, and tells only the
 *   last URL. An answer from another origin is refused, but that origin has had the request by then,
 *   and a chain that returns to the first origin can't be seen. It also keeps headers of the
 *   developer's own, such as X-API-Key, on the way (it drops only Authorization).
 * - With `redirect: "manual"` a browser tells that there was a redirect and not where to. Elsewhere
 *   (Node, Deno) status and Location can be read.
 *
 * So a request with nothing secret is followed by `fetch`; one with secrets is followed here, where
 * the target can be read, and refused where it can't.
 */
export async function send(
  request: HttpRequest,
  secrets: Secrets,
  fetch: typeof globalThis.fetch,
  deadline: Deadline,
): Promise<Response> {
  const origin = originOf(request.url);
  const { url } = request;
  let hop = { ...request, headers: merge(request.headers, secrets.headers) };
  for (let redirects = 0; ; redirects++) {
    const response = await ask(hop, url, secrets.present ? "manual" : "follow", fetch, deadline);
    const target = secrets.present ? targetOf(response, hop.url) : response.url;
    if (target && originOf(target) !== origin) {
      discard(response);
      throw new ToolgenError(
        "redirected",
        `${origin} redirects to ${originOf(target)}, which is not the tool's origin.`,
        { url: secrets.redact(target) },
      );
    }
    if (response.type === "opaqueredirect") {
      const message = `${origin} redirects to a URL that the browser hides, so the headers given at run time can't be limited to ${origin}. Use the final URL in the tool.`;
      throw new ToolgenError("redirected", message, { url });
    }
    if (!secrets.present || !target) return response;
    discard(response);
    if (redirects === MAX_REDIRECTS)
      throw new ToolgenError("redirected", `${origin} redirects more than ${MAX_REDIRECTS} times.`, { url });
    hop = redirected(hop, target, response.status);
  }
}

async function ask(
  { url, ...init }: HttpRequest,
  first: string,
  redirect: RequestRedirect,
  fetch: typeof globalThis.fetch,
  deadline: Deadline,
): Promise<Response> {
  try {
    const response = await deadline.race((signal) =>
      fetch(url, { credentials: "omit", ...init, signal, redirect, referrerPolicy: "no-referrer" }),
    );
    checkResponse(response);
    if (response.type !== "error") return response;
    throw new TypeError("The response is an error.");
  } catch (cause) {
    if (cause instanceof ToolgenError) throw cause;
    deadline.signal.throwIfAborted();
    const page = globalThis.location?.origin;
    const message = `No response from ${originOf(url)}: it can't be reached, or it doesn't allow requests from ${page ?? "this page"} (CORS). The browser doesn't say which.`;
    throw new ToolgenError("network_or_cors", message, { url: first, cause });
  }
}

/** Of a `fetch` of the page's own. */
function checkResponse(response: Response): void {
  const isResponse = typeof response?.headers?.get === "function" && typeof response.status === "number";
  if (isResponse && !response.bodyUsed && !response.body?.locked) return;
  const problem = isResponse ? "a Response that was read already" : "no Response";
  throw new ToolgenError("bad_option", `The option fetch gave ${problem}.`);
}

/** Where a response that `fetch` didn't follow leads; undefined when nowhere. */
function targetOf({ status, headers }: Response, base: string): string | undefined {
  const location = [301, 302, 303, 307, 308].includes(status) ? headers.get("location") : null;
  return location === null ? undefined : parseUrl(location, base)?.href;
}

/** The next request, as the Fetch standard has it: some statuses turn a POST into a GET. */
function redirected(request: HttpRequest, url: string, status: number): HttpRequest {
  const { method, headers } = request;
  const becomesGet = status === 303 ? method !== "GET" && method !== "HEAD" : status <= 302 && method === "POST";
  if (!becomesGet) return { ...request, url };
  const { "content-type": _, ...rest } = headers;
  return { ...request, url, method: "GET", headers: rest, body: undefined };
}

/** The developer's headers go before the tool's; names come out in lower case. */
function merge(own: Record<string, string>, added: Headers): Record<string, string> {
  const headers = new Headers(own);
  added.forEach((value, name) => headers.set(name, value));
  return Object.fromEntries(headers);
}

/** Frees the connection of a response that nobody reads. */
function discard(response: Response): void {
  response.body?.cancel().catch(() => {});
}
