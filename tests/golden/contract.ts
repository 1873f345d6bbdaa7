// Written by src/agent/contract.rs: what the module says, one example of each kind.
import type { Reply, RunStreamEvent } from "../../pkg/protocol.js";
import type { WasmErrorCode } from "../../pkg/core/errors.js";
import type { Conflict } from "../../pkg/core/types.js";

export const events = [
  {"type":"prefill","done":64,"total":100},
  {"type":"ranking","tools":[{"name":"weather","probability":0.75}],"abstain":0.125},
  {"type":"abstain"},
  {"type":"look","name":"weather","probability":0.75},
  {"type":"tool","name":"weather"},
  {"type":"arguments","text":"{\"city\""},
  {"type":"call","call":{"name":"weather","arguments":{"city":"Oslo"}}},
  {"type":"ask","call":{"name":"weather","arguments":{"city":"Oslo"}},"parameters":["days"]},
  {"type":"approve","call":{"name":"weather","arguments":{"city":"Oslo"}},"reason":"changes"},
  {"type":"approve","call":{"name":"weather","arguments":{"city":"Oslo"}},"reason":"not_asked"},
  {"type":"execute","call":{"name":"weather","arguments":{"city":"Oslo"}}},
  {"type":"token","id":7,"text":" the"},
  {"type":"end","reason":"done","calls":[{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"observed"},{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"failed"},{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"denied"}]},
  {"type":"end","reason":"abstained","calls":[{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"observed"},{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"failed"},{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"denied"}]},
  {"type":"end","reason":"asked","tool":"weather","arguments":{"days":3},"parameters":["city"],"calls":[{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"observed"},{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"failed"},{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"denied"}]},
  {"type":"end","reason":"denied","calls":[{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"observed"},{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"failed"},{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"denied"}]},
  {"type":"end","reason":"failed","calls":[{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"observed"},{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"failed"},{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"denied"}]},
  {"type":"end","reason":"max_steps","calls":[{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"observed"},{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"failed"},{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"denied"}]},
  {"type":"end","reason":"repeated","calls":[{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"observed"},{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"failed"},{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"denied"}]},
  {"type":"end","reason":"no_room","calls":[{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"observed"},{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"failed"},{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"denied"}]},
] as const satisfies readonly RunStreamEvent[];

export const replies = [
  {"type":"approval","approved":true},
  {"type":"observation","text":"{\"result\": 7}"},
  {"type":"failure","message":"status 500"},
] as const satisfies readonly Reply[];

export const errorCodes = [
  "gguf",
  "checkpoint",
  "tokenizer",
  "pack",
  "base_mismatch",
  "no_pack",
  "schema",
  "openapi",
  "question_empty",
  "question_too_long",
  "arguments_too_long",
  "bad_option",
  "out_of_turn",
  "backend",
  "gpu",
  "device_lost",
  "busy",
] as const satisfies readonly WasmErrorCode[];

export const conflicts = [
  {"tools":["a","b"],"similarity":0.875},
] as const satisfies readonly Conflict[];
