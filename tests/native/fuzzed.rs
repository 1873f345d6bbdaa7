//! The inputs of the fuzz targets, in `fuzz/corpus`: seeds, and each case that was found. `cargo xtask fuzz` looks for more.

use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;

use crate::common;

#[path = "../../fuzz/src/lib.rs"]
mod targets;

fn corpus(target: &str) -> PathBuf {
    common::root().join("fuzz/corpus").join(target)
}

fn read(path: &str) -> Vec<u8> {
    fs::read(common::root().join(path)).unwrap()
}

/// Parts with zero bytes between them.
fn joined(parts: &[&[u8]]) -> Vec<u8> {
    parts.join(&0)
}

/// What the targets start from: target, name and content.
fn seeds() -> Vec<(&'static str, String, Vec<u8>)> {
    let mut seeds = Vec::new();
    let mut seed = |target, name: &str, bytes| seeds.push((target, name.to_owned(), bytes));
    let checkpoint = common::tiny();
    let weights = b"blk.1.ffn_norm.weight"; // the last of the header
    let at = checkpoint.windows(weights.len()).rposition(|window| window == weights).unwrap();
    let end = (at + weights.len() + 4 + 8 + 4 + 8).next_multiple_of(32);
    let length = (checkpoint.len() - end) as u32;
    seed("gguf", "tiny", [&length.to_le_bytes(), &checkpoint[..end]].concat());
    seed("pack", "tiny", read("models/tiny/tools.safetensors"));
    seed("adapter", "tiny", read("models/tiny/adapter.safetensors"));
    for name in ["garden-3.1.yaml", "library-3.0.json", "parcels-2.0.json"] {
        seed("openapi", name, read(&format!("tests/fixtures/openapi/{name}")));
    }
    let tools = String::from_utf8(read("models/catalogue/tools.jsonl")).unwrap();
    let tools: Vec<Value> = tools.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let choices: Vec<u8> = (0..200u8).map(|i| i.wrapping_mul(37)).collect();
    for tool in tools.iter().step_by(40) {
        let (name, schema) = (tool["name"].as_str().unwrap(), tool["parameters"].to_string());
        seed("schema", name, joined(&[schema.as_bytes(), &choices]));
        let asked = br#"{"text": "5 km from Oslo to Bergen on 3 May at half past two, id 9007199254740993", "now": "2026-05-14T09:30"}"#;
        seed("grounding", name, joined(&[asked, schema.as_bytes(), &choices]));
    }
    for (index, schema) in schemas().iter().enumerate() {
        seed(
            "schema",
            &format!("keywords-{index}"),
            joined(&[schema.to_string().as_bytes(), &choices]),
        );
    }
    let said = json!({
        "tools": [tools[0], tools[1]], "unsure": "ask", "names": null,
        "question": { "text": "roll 3 dice", "now": "2026-05-14T09:30", "offsets": [["2026-01-01T00:00", "+01:00"]],
            "before": [{ "text": "a", "call": { "name": "b", "arguments": { "c": 1 } }, "observation": "{}" }] },
        "replies": [{ "type": "choice", "tool": null }, { "type": "approval", "approved": true },
            { "type": "observation", "text": "[6]" }, { "type": "failure", "message": "no" }],
    });
    seed("messages", "run", said.to_string().into_bytes());
    seeds
}

/// Keywords that the catalogue's tools do without.
fn schemas() -> [Value; 4] {
    [
        json!({ "type": "object", "minProperties": 1, "additionalProperties": { "type": "integer", "multipleOf": 5 },
            "patternProperties": { "^x-": { "type": ["string", "null"], "format": "date-time" } } }),
        json!({ "oneOf": [{ "$ref": "#/$defs/a" }, { "properties": { "b": { "const": 9_007_199_254_740_993_u64 } }, "required": ["b"] }],
            "$defs": { "a": { "properties": { "a": { "$ref": "#/$defs/a" }, "n": { "exclusiveMinimum": -1.5, "maximum": 1e20 } } } } }),
        json!({ "properties": { "at": { "prefixItems": [{ "type": "number" }, { "enum": ["a", null, 1.0] }], "items": false, "minItems": 2 },
            "all": { "type": "array", "items": { "type": "string", "pattern": "^[a-z]{2,4}$", "maxLength": 3 }, "uniqueItems": true } },
            "required": ["at"], "dependentRequired": { "all": ["at"] }, "not": { "required": ["all", "x"] } }),
        json!({ "allOf": [{ "properties": { "a": { "type": "string", "minLength": 2 } } }, { "required": ["a"] }],
            "if": { "properties": { "a": { "const": "é\"\\" } } }, "then": { "required": ["b"] }, "else": { "properties": { "b": false } } }),
    ]
}

/// `UPDATE_GOLDEN=1 cargo test fuzzed` writes the seeds again.
#[test]
fn seeds_are_those_that_the_code_makes() {
    for (target, name, bytes) in seeds() {
        let file = corpus(target).join(name);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::create_dir_all(corpus(target)).unwrap();
            fs::write(&file, &bytes).unwrap();
        }
        assert!(fs::read(&file).is_ok_and(|kept| kept == bytes), "{} differs", file.display());
    }
}

#[test]
fn what_was_found_once_is_not_found_again() {
    for (target, run) in targets::TARGETS {
        let inputs: Vec<PathBuf> =
            fs::read_dir(corpus(target)).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(!inputs.is_empty(), "{target} has no input");
        for input in inputs {
            eprintln!("{}", input.display()); // the last line of a failure
            run(&fs::read(input).unwrap());
        }
    }
}

/// Texts that mean something to one reader or another.
const TOKENS: [&str; 24] = [
    "\"",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\\",
    "\\u0000",
    "null",
    "true",
    "-1",
    "1e999",
    "9007199254740993",
    "\"$ref\": \"#\"",
    "\"type\": ",
    "\"enum\": [",
    "\"anyOf\": [",
    "\"not\": {}",
    "\"required\": [\"a\"]",
    "\"properties\": {",
    "- &a *a",
    "é",
    "\u{0}",
];

/// What libFuzzer does at random, a little of it: `MUTATIONS=1000 MUTATIONS_SEED=2 cargo test --release --test native fuzzed` does more.
#[test]
fn inputs_with_some_bytes_changed_are_read_or_refused() {
    let environment = |name: &str, default: u64| {
        std::env::var(name).map_or(default, |text| text.parse().expect("a whole number"))
    };
    let (rounds, seed) = (environment("MUTATIONS", 10), environment("MUTATIONS_SEED", 1));
    for (target, run) in targets::TARGETS {
        let mut inputs: Vec<PathBuf> =
            fs::read_dir(corpus(target)).unwrap().map(|entry| entry.unwrap().path()).collect();
        inputs.sort();
        let start = std::time::Instant::now();
        for input in &inputs {
            let bytes = fs::read(input).unwrap();
            for round in 0..rounds {
                let mut state = ((seed << 32) | (round + 1)) ^ 0x9e37_79b9_7f4a_7c15;
                let mutated = mutated(&bytes, &mut state);
                let outcome = std::panic::catch_unwind(|| run(&mutated));
                if outcome.is_err() {
                    let found =
                        std::env::temp_dir().join(format!("toolgen-{target}-{seed}-{round}"));
                    fs::write(&found, &mutated).unwrap();
                    panic!("{}: keep it as fuzz/corpus/{target}/NAME", found.display());
                }
            }
        }
        let count = inputs.len() as u64 * rounds;
        eprintln!("{target}: {count} inputs of seed {seed} in {:.1?}", start.elapsed());
    }
}

fn mutated(bytes: &[u8], state: &mut u64) -> Vec<u8> {
    let mut random = |below: usize| {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        (*state >> 11) as usize % below.max(1)
    };
    let mut bytes = bytes.to_vec();
    for _ in 0..=random(6) {
        // A header's end most of all.
        let reach = if random(2) == 0 { bytes.len().min(2000) } else { bytes.len() };
        let at = random(reach);
        match random(6) {
            0 => bytes[at] = random(256) as u8,
            1 => bytes[at] ^= 1 << random(8),
            2 => drop(bytes.splice(at..at, TOKENS[random(TOKENS.len())].bytes())),
            3 => drop(bytes.drain(at..bytes.len().min(at + 1 + random(40)))),
            4 => {
                let part = bytes[at..bytes.len().min(at + 1 + random(60))].to_vec();
                let to = random(bytes.len());
                bytes.splice(to..to, part);
            }
            _ => bytes.truncate(at + 1),
        }
        if bytes.is_empty() {
            bytes.push(0);
        }
    }
    bytes
}
