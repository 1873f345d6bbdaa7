//! `models/tiny`: a checkpoint of random weights, a pack and an adapter for it, 130 kB, for tests and examples that run in
//! milliseconds. What it answers is arbitrary, and always a tool of the pack with arguments that fit its schema.

use std::path::PathBuf;

use jsonschema::validator_for;
use pollster::block_on;
use serde_json::{Value, json};
use toolgen::agent::{End, Engine, Event, Outcome, Reply, Stream, Unsure};
use toolgen::backend::cpu::Cpu;
use toolgen::backend::reference::Reference;
use toolgen::conversation::Question;
use toolgen::rows::from_documents::pack_of_documents;
use toolgen::tool::ToolPack;
use toolgen::tool::dataset::read_tools;

use crate::common;
use crate::looking;

fn path(file: &str) -> PathBuf {
    common::root().join("models/tiny").join(file)
}

fn pack() -> ToolPack {
    ToolPack::from_bytes(&std::fs::read(path("tools.safetensors")).unwrap()).unwrap()
}

pub fn engine() -> Engine<Cpu> {
    let bytes = std::fs::read(path("toolgen-tiny.gguf")).unwrap();
    let mut engine = Engine::new(common::read(Cpu, &bytes, 1 << 16).unwrap()).unwrap();
    engine.load_pack(pack()).unwrap();
    engine
}

/// `UPDATE_GOLDEN=1 cargo test tiny` writes them again.
#[test]
fn the_files_are_those_that_the_code_makes() {
    let bytes = common::tiny::merged(&common::tiny::teachable_head());
    let checkpoint = common::read(Reference, &bytes, 1 << 16).unwrap();
    let tools = read_tools(&path("tools.jsonl")).unwrap();
    let made = block_on(pack_of_documents(&checkpoint, tools, |_| ())).unwrap();
    let fits = |kept: &ToolPack| {
        let (a, b) = (kept.rows.dequantize(), made.rows.dequantize());
        let largest = b.iter().fold(0f32, |max, x| max.max(x.abs()));
        let apart = a.iter().zip(&b).fold(0f32, |max, (a, b)| max.max((a - b).abs()));
        (&kept.tools, &kept.model) == (&made.tools, &made.model) && apart < 0.01 * largest
    };
    let adapter = common::tiny::adapter(&bytes);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path("toolgen-tiny.gguf"), &bytes).unwrap();
        std::fs::write(path("adapter.safetensors"), &adapter).unwrap();
        // Sums are in another order elsewhere, so one that fits stays.
        if !fits(&pack()) {
            std::fs::write(path("tools.safetensors"), made.to_bytes().unwrap()).unwrap();
        }
    }
    assert!(std::fs::read(path("toolgen-tiny.gguf")).unwrap() == bytes, "the checkpoint differs");
    assert!(std::fs::read(path("adapter.safetensors")).unwrap() == adapter, "the adapter differs");
    assert!(fits(&pack()), "the pack differs");
}

#[test]
fn every_call_fits_its_schema() {
    for engine in [engine(), looking::engine()] {
        calls_fit_their_schemas(&engine);
    }
}

fn calls_fit_their_schemas(engine: &Engine<Cpu>) {
    for question in ["weather in Oslo", "roll 3 dice", "heads or tails?", "5 miles in km", "hello"]
    {
        let mut stream = engine.call(question, 2).unwrap();
        let mut last = None;
        while let Some(event) = block_on(stream.next()).unwrap() {
            last = Some(event);
        }
        match last.unwrap() {
            Event::Abstain { .. } => {}
            Event::Call { call } => {
                let tool = engine.pack().unwrap().tools.iter().find(|tool| tool.name == call.name);
                let schema = validator_for(&tool.unwrap().parameters).unwrap();
                assert!(schema.is_valid(&json!(call.arguments)), "{question}: {call:?}");
            }
            Event::Ask { call, parameters } => {
                assert!(!parameters.is_empty(), "{question}");
                for name in &parameters {
                    assert!(!call.arguments.contains_key(name), "{question}: {name} was said");
                }
            }
            other => panic!("{question}: ended with {other:?}"),
        }
    }
}

#[test]
fn every_run_ends_and_tells_its_calls() {
    for engine in [engine(), looking::engine()] {
        runs_end_and_tell_their_calls(&engine);
    }
}

fn runs_end_and_tell_their_calls(engine: &Engine<Cpu>) {
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

/// A model of random weights writes no JSON unless the grammar holds it to.
#[test]
fn without_the_grammar_nothing_holds() {
    let engine = engine();
    let mut stream = engine.complete_arguments("rain in Bergen?", "weather", 12).unwrap();
    let mut text = String::new();
    while let Some(event) = block_on(stream.next()).unwrap() {
        if let Event::Token { text: new, .. } = event {
            text += &new;
        }
    }
    assert!(!text.is_empty() && serde_json::from_str::<Value>(&text).is_err(), "{text}");
    let error = engine.complete_arguments("rain?", "wether", 12).err().unwrap();
    assert_eq!(error.code(), "bad_option");
    assert!(error.to_string().contains("wether"), "{error}");
    assert_eq!(
        engine.complete_arguments("", "weather", 12).err().unwrap().code(),
        "question_empty"
    );
}

/// What a page replies to an event.
type Page = fn(&Event) -> Option<Value>;

fn says_yes(event: &Event) -> Option<Value> {
    match event {
        Event::Choose { candidates } => {
            Some(json!({ "type": "choice", "tool": candidates[0].name }))
        }
        Event::Approve { .. } => Some(json!({ "type": "approval", "approved": true })),
        Event::Execute { .. } => Some(json!({ "type": "observation", "text": r#"{"result":7}"# })),
        _ => None,
    }
}

fn says_no(event: &Event) -> Option<Value> {
    match event {
        Event::Choose { .. } => Some(json!({ "type": "choice", "tool": null })),
        Event::Approve { .. } => Some(json!({ "type": "approval", "approved": false })),
        other => says_yes(other),
    }
}

fn is_out_of_order(event: &Event) -> Option<Value> {
    match event {
        Event::Execute { .. } => Some(json!({ "type": "failure", "message": "status 500" })),
        other => says_yes(other),
    }
}

/// What was asked, then each event and each reply, a line each.
fn transcript(asked: Value, mut stream: Stream<Cpu>, page: Page) -> String {
    let mut lines = Vec::new();
    while let Some(event) = block_on(stream.next()).unwrap() {
        let reply = page(&event);
        lines.push(json!({ "event": event }).to_string());
        if let Some(reply) = reply {
            lines.push(json!({ "reply": reply }).to_string());
            stream.reply(serde_json::from_value(reply).unwrap()).unwrap();
        }
    }
    format!("{{\"asked\":{asked},\"steps\":[\n{}\n]}}", lines.join(",\n"))
}

const QUESTIONS: [&str; 6] =
    ["5 miles in km", "flip a coin", "hello", "roll 2 dice", "add a note: milk", "3 days in Paris"];

const CALLED: &str = "{\"event\":{\"type\":\"call\"";

/// One of each kind of stream, and runs on several ways to their end. Which question leads there is for the weights to
/// say: the first that does.
fn transcripts() -> Vec<String> {
    let engine = engine();
    let call = |query: &str| {
        let asked = json!({ "type": "call", "query": query, "topK": 2 });
        transcript(asked, engine.call(query, 2).unwrap(), says_yes)
    };
    // A question with a clock and with a turn before it.
    let follow_up = |text: &str| {
        let turn = json!({ "text": "weather in Oslo", "observation": "{\"result\": 7}",
            "call": { "name": "weather", "arguments": { "city": "Oslo" } } });
        let query = json!({ "text": text, "now": "2026-05-14T09:30", "before": [turn],
            "offsets": [["2026-05-14T00:00", "+02:00"]] });
        let question: Question = serde_json::from_value(query.clone()).unwrap();
        let asked = json!({ "type": "call", "query": query, "topK": 2 });
        // An engine of its own, which has not read the turn before.
        transcript(asked, self::engine().call(question, 2).unwrap(), says_yes)
    };
    let run = |query: &str, page: Page| {
        let asked = json!({ "type": "run", "query": query, "topK": 3, "maxSteps": 3 });
        transcript(asked, engine.run(query, 3, 3, None).unwrap(), page)
    };
    let unsure = |query: &str, unsure: Unsure, page: Page| {
        let name = if unsure == Unsure::Ask { "ask" } else { "end" };
        let asked =
            json!({ "type": "run", "query": query, "topK": 3, "maxSteps": 1, "unsure": name });
        transcript(asked, engine.run_when(query, 3, 1, None, unsure).unwrap(), page)
    };
    let first = |what: &[&str], ask: &dyn Fn(&str) -> String| {
        let leads_there = |text: &String| what.iter().all(|part| text.contains(part));
        let mut all = QUESTIONS.into_iter().map(ask);
        all.find(leads_there).unwrap_or_else(|| panic!("no question leads to {what:?}"))
    };
    let (query, prompt) = (QUESTIONS[0], "Once upon a time");
    let retrieve = json!({ "type": "retrieve", "query": query, "topK": 5 });
    let complete = json!({ "type": "complete", "prompt": prompt, "maxTokens": 16 });
    vec![
        transcript(retrieve, engine.retrieve(query, 5).unwrap(), says_yes),
        transcript(complete, engine.complete(prompt, 16).unwrap(), says_yes),
        first(&[CALLED], &call),
        first(&["\"type\":\"ask\""], &call),
        first(&[CALLED], &follow_up),
        first(&["\"changes\"", "\"not_asked\"", "\"observation\""], &|query| run(query, says_yes)),
        first(&["\"denied\""], &|query| run(query, says_no)),
        first(&["\"failed\""], &|query| run(query, is_out_of_order)),
        first(&["\"asked\",\"tool\""], &|query| run(query, says_yes)),
        first(&["\"choose\"", "\"execute\""], &|query| unsure(query, Unsure::Ask, says_yes)),
        first(&["\"choose\"", "\"abstained\""], &|query| unsure(query, Unsure::Ask, says_no)),
        first(&["\"reason\":\"unsure\""], &|query| unsure(query, Unsure::End, says_yes)),
    ]
}

/// Whether these are the same but for what rounding does to numbers.
fn is_near(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            (a.as_f64().unwrap() - b.as_f64().unwrap()).abs() < 1e-5
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_near(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| is_near(a, b)))
        }
        _ => a == b,
    }
}

/// `tests/golden/transcripts.json`, to which the tests in TypeScript hold the module and the one that stands in for it.
#[test]
fn streams_say_what_the_transcripts_say() {
    let text = format!("[\n{}\n]\n", transcripts().join(",\n"));
    let path = common::root().join("tests/golden/transcripts.json");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let kept = read(&std::fs::read_to_string(&path).unwrap());
    assert!(
        is_near(&read(&text), &kept),
        "run UPDATE_GOLDEN=1 cargo test --release --test native tiny; now it is {text}"
    );
}

fn ranked(engine: &Engine<Cpu>, question: &str) -> Event {
    let mut stream = engine.retrieve(question, 4).unwrap();
    loop {
        match block_on(stream.next()).unwrap().expect("a ranking comes") {
            Event::Prefill { .. } => {}
            ranking => return ranking,
        }
    }
}

#[test]
fn what_was_read_of_the_last_question_changes_no_ranking() {
    let (kept, text) = (engine(), "will it rain in Bergen on Friday");
    for end in text.match_indices(' ').map(|(end, _)| end).chain([text.len(), text.len()]) {
        let typed = &text[..end];
        assert_eq!(ranked(&kept, typed), ranked(&engine(), typed), "after {typed:?}");
    }
}
