/** Where the model's files lie. */
import type { LoadOptions } from "toolgen";
import type { Sizes } from "./tally.ts";

/** Of the files that the page was built with; `build.mjs` puts it in. */
declare const MODEL_SIZES: Sizes;

export const sizes: Sizes = MODEL_SIZES;

const SHARDED = { checkpoint: "model/manifest.json", pack: "models/packs/catalogue.safetensors" };
/** Chunks can't be verified without WebCrypto, which plain http doesn't have; whole files are checked as they are read. */
const WHOLE = {
  checkpoint: "models/checkpoint/smollm2-135m-instruct-q4_1.gguf",
  adapter: "models/adapter/toolgen-135m.safetensors",
  pack: SHARDED.pack,
};

/** Only a secure context has WebCrypto, storage and WebGPU: https, or localhost. */
export function modelFiles(secure: boolean): Pick<LoadOptions, "checkpoint" | "adapter" | "pack"> {
  return secure ? SHARDED : WHOLE;
}
