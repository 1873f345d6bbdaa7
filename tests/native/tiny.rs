//! `models/tiny`: a checkpoint of random weights and a pack for it, 73 kB, for tests and examples that run in
//! milliseconds. What it answers is arbitrary, and always a tool of the pack with arguments that fit its schema.

use std::path::PathBuf;

use jsonschema::validator_for;
use pollster::block_on;
use serde_json::json;
use toolgen::agent::{End, Engine, Event, Outcome, Reply};
use toolgen::backend::cpu::Cpu;
use toolgen::rows::from_documents::pack_of_documents;
use toolgen::tool::ToolPack;
use toolgen::tool::dataset::read_tools;

use crate::common;

fn path(file: &str) -> PathBuf {
    common::root().join("models/tiny").join(file)
}

fn pack() -> ToolPack {
    ToolPack::from_bytes(&std::fs::read(path("tools.safetensors")).unwrap()).unwrap()
}

fn engine() -> Engine<Cpu> {
    let bytes = std::fs::read(path("toolgen-tiny.gguf")).unwrap();
    let mut engine = Engine::new(common::read(Cpu, &bytes, 1 << 16).unwrap()).unwrap();
    engine.load_pack(pack()).unwrap();
    engine
}

/// `UPDATE_GOLDEN=1 cargo test tiny` writes them again.
#[test]
fn the_files_are_those_that_the_code_makes() {
    let bytes = common::tiny::merged(&common::tiny::teachable_head());
    let checkpoint = common::read(Cpu, &bytes, 1 << 16).unwrap();
    let tools = read_tools(&path("tools.jsonl")).unwrap();
    let made = block_on(pack_of_documents(&checkpoint, tools, |_| ())).unwrap();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path("toolgen-tiny.gguf"), &bytes).unwrap();
        std::fs::write(path("tools.safetensors"), made.to_bytes().unwrap()).unwrap();
    }
    assert!(std::fs::read(path("toolgen-tiny.gguf")).unwrap() == bytes, "the checkpoint differs");
    let kept = pack();
    assert_eq!((&kept.tools, &kept.base_sha256), (&made.tools, &made.base_sha256));
    let (kept, made) = (kept.rows.dequantize(), made.rows.dequantize());
    let largest = made.iter().fold(0f32, |max, x| max.max(x.abs()));
    let apart = kept.iter().zip(&made).fold(0f32, |max, (a, b)| max.max((a - b).abs()));
    assert!(apart < 0.01 * largest, "rows are {apart} apart");
}

#[test]
fn every_call_fits_its_schema() {
    let engine = engine();
    for question in ["weather in Oslo", "roll 3 dice", "heads or tails?", "5 miles in km", "hello"]
    {
        let mut stream = engine.call(question, 2).unwrap();
        let mut last = None;
        while let Some(event) = block_on(stream.next()).unwrap() {
            last = Some(event);
        }
        match last.unwrap() {
            Event::Abstain => {}
            Event::Call { call } => {
                let tool = engine.pack().unwrap().tools.iter().find(|tool| tool.name == call.name);
                let schema = validator_for(&tool.unwrap().parameters).unwrap();
                assert!(schema.is_valid(&json!(call.arguments)), "{question}: {call:?}");
            }
            other => panic!("{question}: ended with {other:?}"),
        }
    }
}

#[test]
fn every_run_ends_and_tells_its_calls() {
    let engine = engine();
    for question in ["weather in Oslo", "roll 3 dice and flip a coin", "5 miles in km", "hello"] {
        let mut stream = engine.run(question, 3, 3, None).unwrap();
        let mut told = 0;
        let (end, calls) = loop {
            match block_on(stream.next()).unwrap().expect("a run says how it ends") {
                Event::Call { .. } => told += 1,
                Event::Approve { .. } => stream.reply(Reply::Approval { approved: true }).unwrap(),
                Event::Execute { .. } => {
                    stream.reply(Reply::Observation { text: r#"{"result": 7}"#.into() }).unwrap();
                }
                Event::End { end, calls } => break (end, calls),
                _ => {}
            }
        };
        assert_eq!(calls.len(), told, "{question}: {end:?}");
        assert!(calls.iter().all(|past| past.outcome == Outcome::Observed));
        assert!(!matches!(end, End::Failed | End::Denied), "{question}: {end:?}");
        assert_eq!(block_on(stream.next()).unwrap(), None);
    }
}

/// The budget is one of tokens, whatever the script: a character of Chinese may be three of them.
#[test]
fn observations_are_cut_to_their_tokens() {
    let tokenizer = &engine().checkpoint().tokenizer.clone();
    for text in ["x".repeat(5000), "天气很好。".repeat(400), "🌦️ café ".repeat(300), "{}".into()]
    {
        let ids = toolgen::prompt::observation(tokenizer, &text).unwrap();
        assert!(ids.len() <= toolgen::prompt::MAX_OBSERVATION, "{} tokens", ids.len());
        let read = tokenizer.decode(&ids).unwrap();
        assert!(!read.contains(char::REPLACEMENT_CHARACTER), "a character is cut in two");
        assert!(text.len() > 10 || read.contains(&text), "{read}");
    }
}
