// The icon as pictures, for what takes no SVG: `node www/icons/make.mjs`, after icon.svg has changed.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { launch } from "../../tests/browser/browser.mjs";

const here = import.meta.dirname;
const icon = readFileSync(join(here, "icon.svg"), "utf8");
const pictures = {
  "icon-192.png": { size: 192 },
  "icon-512.png": { size: 512 },
  "apple-touch-icon.png": { size: 180, square: true },
  // A launcher cuts a shape out of it, a circle of four fifths at the least.
  "maskable-512.png": { size: 512, square: true },
};

const browser = await launch();
const page = await browser.newPage();
for (const [name, { size, square }] of Object.entries(pictures)) {
  await page.setViewportSize({ width: size, height: size });
  const svg = square ? icon.replace('rx="4" ', "") : icon;
  const style = "<style>html, body { margin: 0 } svg { display: block; width: 100vw; height: 100vh }</style>";
  await page.setContent(`<!doctype html>${style}${svg}`);
  await page.screenshot({ path: join(here, name), omitBackground: true });
}
await browser.close();
