/** The packages as npm gives them, and projects that install them. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";

import { packModel } from "../../pkg/scripts/model.mjs";
import { root } from "../../xtask/serve.mjs";

export function npm(args, cwd, command = "npm") {
  return execFileSync(command, args, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1" },
  });
}

/** The tarball of the package, made in the folder. */
export function packPackage(folder) {
  const [{ filename }] = JSON.parse(npm(["pack", "--json", "--pack-destination", folder], join(root, "pkg")));
  return join(folder, filename);
}

/** The package of a model, made in the folder; its weights are named from the repository's root. */
export function packWeights(folder, { checkpoint, adapter }) {
  const model = join(folder, "model");
  packModel({ name: "toolgen-135m", file: join(root, checkpoint), adapter: join(root, adapter), folder: model });
  return model;
}

export function install(project, ...packages) {
  npm(["install", "--no-audit", "--no-fund", "--install-links", ...packages], project);
}
