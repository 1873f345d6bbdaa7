/** What axe-core finds on a page as it stands, WCAG's rules and good practice, and what reaches over its side. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** What the width of the page may change, and what its colours may. */
const LAYOUT = ["target-size", "scrollable-region-focusable"];
const COLOURS = ["color-contrast", "link-in-text-block"];
const LOOKS = [
  { name: "light", colorScheme: "light", width: 1000 },
  { name: "dark", colorScheme: "dark", width: 1000, only: COLOURS },
  { name: "phone", colorScheme: "light", width: 320, only: LAYOUT },
];

/**
 * A sentence for each fault of a state, in light and dark, wide and narrow. Leaves the page wide and light. With SHOTS, a
 * folder, a picture of each is kept there.
 */
export async function faults(page, state) {
  const found = [];
  for (const { name, colorScheme, width, only } of LOOKS) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 800 });
    if (process.env.SHOTS)
      await page.screenshot({ path: join(process.env.SHOTS, `${state}, ${name}.png`), fullPage: true });
    found.push(...(await violations(page, only)).map((fault) => `${state}, ${name}: ${fault}`));
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    if (wide > width) found.push(`${state}, ${name}: it reaches over the side, ${wide} px wide`);
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1000, height: 800 });
  return found;
}

async function violations(page, only) {
  // The page's policy holds for the page, not for the debugger.
  if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(source);
  return page.evaluate(async (only) => {
    const options = only ? { runOnly: only } : { rules: { "target-size": { enabled: true } } };
    const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"], ...options });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(
        ({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary.replaceAll(/\s+/g, " ")}`,
      ),
    );
  }, only);
}
