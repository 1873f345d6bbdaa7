/** Where the model's files lie. */
import type { LoadOptions, Progress } from "toolgen";
import { joinShards } from "./join-shards.ts";
import type { Sizes } from "./tally.ts";

const MANIFEST = "model/manifest.json";

/** What the files weigh, as `model.mjs` wrote it down; nothing where that can't be read. */
export function fileSizes(): Promise<Sizes> {
  const none = () => ({});
  return fetch("model/sizes.json")
    .then((response) => (response.ok ? response.json() : {}), none)
    .catch(none);
}

/**
 * The package verifies shards, and stores them, in a secure context alone: https, or localhost. Over plain http they are
 * put together here.
 */
export async function modelFiles(
  secure: boolean,
  onProgress: (progress: Progress) => void,
): Promise<Pick<LoadOptions, "checkpoint" | "adapter" | "pack" | "onProgress">> {
  const pack = "model/catalogue.safetensors";
  if (secure) return { checkpoint: MANIFEST, pack, onProgress };
  const { checkpoint, adapter } = await joinShards(MANIFEST, onProgress);
  // What is read from memory is no progress any more.
  return { checkpoint, adapter, pack, onProgress: (progress) => progress.file === "pack" && onProgress(progress) };
}
