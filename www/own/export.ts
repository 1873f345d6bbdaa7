/** The visitor's tools for an app of their own: a pack to save, and the lines that load it. */
import type { Toolgen } from "toolgen";
import { make } from "../dom.ts";
import { packOf } from "./pack.ts";
import { snippetOf } from "./snippet.ts";
import type { OwnTools } from "./tools.ts";
import type { Work } from "./work.ts";

const PACK_FILE = "my-tools.safetensors";

export interface ExportPart {
  element: HTMLElement;
  /** Tools have come or gone. */
  refresh(question: string): void;
}

export function exportPart(toolgen: Toolgen, own: OwnTools, work: Work): ExportPart {
  const save = make("button", { type: "button", className: "primary" }, "Save the pack");
  const code = make("code");
  const copy = make("button", { type: "button" }, "Copy the code");
  /** A server's tools are listed anew, and their rows are stored in the browser. */
  const packed = () => own.sources.filter(({ url }) => url === undefined).flatMap(({ tools }) => tools);
  save.addEventListener("click", () =>
    work.run("Packing…", async (signal) => {
      const bytes = packOf(await toolgen.exportPack({ signal }), packed());
      const url = URL.createObjectURL(new Blob([bytes]));
      make("a", { href: url, download: PACK_FILE }).click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
      work.says(`${PACK_FILE} is saved: your tools with their rows, what you taught included.`);
    }),
  );
  copy.addEventListener("click", async () => {
    const { clipboard } = navigator as { clipboard?: Clipboard }; // plain http has none
    await clipboard?.writeText(code.textContent ?? "").then(
      () => (copy.textContent = "Copied"),
      () => (copy.textContent = "Select it, and copy it by hand"),
    );
  });
  const note = "Put the pack beside your page, and the model's shards in /model.";
  return {
    element: make(
      "section",
      {},
      make("h3", {}, "Take it with you"),
      make("p", { className: "quiet" }, note),
      make("pre", { tabIndex: 0 }, code),
      make("div", { className: "own-buttons" }, save, copy),
    ),
    refresh(question) {
      const names = packed();
      const functions = names.filter((name) => !toolgen.tools.find((tool) => tool.name === name)?.http);
      const servers = own.sources.flatMap(({ url }) => url ?? []);
      code.textContent = snippetOf({
        packFile: names.length > 0 ? PACK_FILE : undefined,
        functions,
        servers,
        question,
      });
      save.disabled = names.length === 0;
      copy.textContent = "Copy the code";
    },
  };
}
