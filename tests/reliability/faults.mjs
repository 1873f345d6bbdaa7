/** All faults, and what comes of one: each recovers or errs as expected, and the next question works. */
import { devices } from "./devices.mjs";
import { downloads } from "./downloads.mjs";
import { fetchedAgain, withLab } from "./lab.mjs";
import { lives } from "./lives.mjs";
import { storages } from "./storages.mjs";
import { updates } from "./updates.mjs";

export const FAULTS = { downloads, storages, lives, updates, devices };

export function suffer(browser, { name, lost, options, run }) {
  return withLab(
    browser,
    async (lab) => {
      const { code, message, seconds, next, isStored } = await run(lab);
      return {
        name,
        lost,
        code,
        message: message?.replaceAll(lab.url, "/"),
        seconds,
        next,
        isStored,
        again: fetchedAgain(lab),
      };
    },
    options,
  );
}
