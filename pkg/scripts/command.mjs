// A script that can be imported and, when node is started with it, run.
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Runs `main` if the script at `url` is the one that was started; what it throws is said in a line. */
export async function runAsCommand(url, main) {
  if (!process.argv[1] || realpathSync(process.argv[1]) !== fileURLToPath(url)) return;
  try {
    await main();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
