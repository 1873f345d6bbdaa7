#!/usr/bin/env node
/** `npx toolgen`: what is done once, when an app is built, so that no visitor's browser has to. */
import { main } from "./main.js";
import { module, modules } from "./module.js";

// Files are written in one turn of the event loop, so a signal leaves none half written.
process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));
// A module of tools may have timers of its own.
process.exit(await main(process.argv.slice(2), { module, modules }));
