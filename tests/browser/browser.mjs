/** Headless Chromium with no calls of its own to the network. */
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const FLAGS = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
/** WebGPU on SwiftShader, where there is no GPU. */
const WEBGPU_FLAGS = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--enable-features=Vulkan"];

/** With `backForwardCache`, pages that are left are frozen, and thawed when one comes back. */
export function launch({ webgpu = false, backForwardCache = false, args = [] } = {}) {
  const executablePath = process.env.CHROMIUM || "/usr/bin/chromium";
  if (!existsSync(executablePath)) {
    throw new Error(
      `There is no Chromium at ${executablePath}. Install it (Debian: apt-get install --no-install-recommends chromium) or set CHROMIUM to its path.`,
    );
  }
  const ignoreDefaultArgs = backForwardCache ? ["--disable-back-forward-cache"] : [];
  return chromium.launch({
    executablePath,
    args: [...FLAGS, ...(webgpu ? WEBGPU_FLAGS : []), ...args],
    ignoreDefaultArgs,
  });
}

/** Answers every request that leaves the site, so that no test depends on the internet. */
export async function answerExternal(context, site, answer = () => ({ json: {} })) {
  const origin = new URL(site).origin;
  await context.route(
    (url) => url.origin !== origin && url.protocol.startsWith("http"),
    (route) =>
      route.fulfill({ headers: { "access-control-allow-origin": "*" }, ...answer(new URL(route.request().url())) }),
  );
}

/** Waits until the page is in one of these states and gives that state. */
export async function waitForState(page, states, timeout = 120_000) {
  const handle = await page.waitForFunction(
    (wanted) => {
      const { state } = document.documentElement.dataset;
      return wanted.includes(state) && state;
    },
    states,
    { timeout },
  );
  return handle.jsonValue();
}

export async function readResult(page) {
  const text = await page.locator("#result").textContent();
  return text ? JSON.parse(text) : undefined;
}
