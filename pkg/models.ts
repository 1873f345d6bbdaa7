/** The checkpoints in shards that this browser stores. */
export { deleteModel, hasModel, listModels, type StoredModel } from "./download/models.js";
