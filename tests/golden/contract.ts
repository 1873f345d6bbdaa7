// Written by src/agent/contract.rs: what the module says, one example of each kind.
import type { Asked, Reply, RunStreamEvent } from "../../pkg/protocol.js";
import type { WasmErrorCode } from "../../pkg/core/errors.js";
import type { Conflict } from "../../pkg/core/types.js";

export const events = [
  {"type":"prefill","done":64,"total":100},
  {"type":"ranking","tools":[{"name":"weather","probability":0.75}],"abstain":0.125,"sure":true},
  {"type":"abstain","reason":"no_tool"},
  {"type":"abstain","reason":"language"},
  {"type":"look","name":"weather","probability":0.75},
  {"type":"tool","name":"weather"},
  {"type":"arguments","text":"{\"city\""},
  {"type":"arguments","text":"{\"city\"","tokens":[{"text":"{\"","forced":true,"allowed":1,"alternatives":[]},{"text":"city","forced":false,"allowed":12,"alternatives":[{"text":"city","probability":0.75}]}]},
  {"type":"call","call":{"name":"weather","arguments":{"city":"Oslo"}}},
  {"type":"ask","call":{"name":"weather","arguments":{"city":"Oslo"}},"parameters":["days"]},
  {"type":"choose","candidates":[{"name":"weather","probability":0.5}]},
  {"type":"approve","call":{"name":"weather","arguments":{"city":"Oslo"}},"reason":"changes"},
  {"type":"approve","call":{"name":"weather","arguments":{"city":"Oslo"}},"reason":"not_asked"},
  {"type":"execute","call":{"name":"weather","arguments":{"city":"Oslo"}}},
  {"type":"token","id":7,"text":" the"},
  {"type":"end","reason":"done","calls":[{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"observed"},{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"failed"},{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"denied"}]},
  {"type":"end","reason":"abstained","calls":[{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"observed"},{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"failed"},{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"denied"}]},
  {"type":"end","reason":"unsure","calls":[{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"observed"},{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"failed"},{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"denied"}]},
  {"type":"end","reason":"asked","tool":"weather","arguments":{"days":3},"parameters":["city"],"calls":[{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"observed"},{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"failed"},{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"denied"}]},
  {"type":"end","reason":"denied","calls":[{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"observed"},{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"failed"},{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"denied"}]},
  {"type":"end","reason":"failed","calls":[{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"observed"},{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"failed"},{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"denied"}]},
  {"type":"end","reason":"max_steps","calls":[{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"observed"},{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"failed"},{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"denied"}]},
  {"type":"end","reason":"repeated","calls":[{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"observed"},{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"failed"},{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"denied"}]},
  {"type":"end","reason":"no_room","calls":[{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"observed"},{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"failed"},{"call":{"name":"weather","arguments":{"city":"Oslo"}},"outcome":"denied"}]},
] as const satisfies readonly RunStreamEvent[];

export const replies = [
  {"type":"choice","tool":"weather"},
  {"type":"choice","tool":null},
  {"type":"approval","approved":true},
  {"type":"observation","text":"{\"result\": 7}"},
  {"type":"failure","message":"status 500"},
] as const satisfies readonly Reply[];

export const questions = [
  {"text":"and tomorrow?"},
  {"text":"and tomorrow?","now":"2026-05-14T09:30","offsets":[["2024-05-14T00:00","+02:00"],["2024-10-27T03:00","+01:00"]],"before":[{"text":"rain in Oslo?","call":{"name":"weather","arguments":{"city":"Oslo"}}},{"text":"rain in Oslo?","call":{"name":"weather","arguments":{"city":"Oslo"}},"observation":"{\"result\": 7}"}]},
] as const satisfies readonly Asked[];

export const errorCodes = [
  "gguf",
  "checkpoint",
  "tokenizer",
  "adapter",
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
