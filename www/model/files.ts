/** Where the model's files lie. */
import type { LoadOptions } from "toolgen";
import type { Sizes } from "./tally.ts";

/** What the files weigh, as `model.mjs` wrote it down; nothing where that can't be read. */
export function fileSizes(): Promise<Sizes> {
  const none = () => ({});
  return fetch("model/sizes.json")
    .then((response) => (response.ok ? response.json() : {}), none)
    .catch(none);
}

const SHARDED = { checkpoint: "model/manifest.json", pack: "model/catalogue.safetensors" };
/** Chunks can't be verified without WebCrypto, which plain http doesn't have; whole files are checked as they are read. */
const WHOLE = {
  checkpoint: "models/checkpoint/smollm2-135m-instruct-q4_1.gguf",
  adapter: "models/adapter/toolgen-135m.safetensors",
  pack: "models/packs/catalogue.safetensors",
};

/** Only a secure context has WebCrypto, storage and WebGPU: https, or localhost. */
export function modelFiles(secure: boolean): Pick<LoadOptions, "checkpoint" | "adapter" | "pack"> {
  return secure ? SHARDED : WHOLE;
}
