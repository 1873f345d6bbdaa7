//! What JavaScript is told, one example of each kind: `tests/golden/contract.ts`, which TypeScript's compiler
//! holds the package's types to. `UPDATE_GOLDEN=1 cargo test contract` writes it again.

use serde_json::{Map, Value, json};

use super::event::{Alternative, ArgumentToken};
use super::step::{End, Outcome, PastCall, Reason};
use super::{Abstained, Event, Reply, Similar};
use crate::Error;
use crate::conversation::Question;
use crate::retrieval::RankedTool;
use crate::tool::ToolCall;

fn call() -> ToolCall {
    let arguments = Map::from_iter([("city".to_owned(), json!("Oslo"))]);
    ToolCall { name: "weather".into(), arguments }
}

fn past(outcome: Outcome) -> PastCall {
    PastCall { call: call(), outcome }
}

fn explained() -> Vec<ArgumentToken> {
    let alternatives = vec![Alternative { text: "city".into(), probability: 0.75 }];
    vec![
        ArgumentToken { text: "{\"".into(), forced: true, allowed: 1, alternatives: Vec::new() },
        ArgumentToken { text: "city".into(), forced: false, allowed: 12, alternatives },
    ]
}

/// Every kind, in a `match` that a new one breaks.
fn events() -> Vec<Event> {
    let all = vec![
        Event::Prefill { done: 64, total: 100 },
        Event::Ranking {
            tools: vec![RankedTool { name: "weather".into(), probability: 0.75 }],
            abstain: 0.125,
            sure: true,
        },
        Event::Abstain { reason: Abstained::NoTool },
        Event::Abstain { reason: Abstained::Language },
        Event::Look { name: "weather".into(), probability: 0.75 },
        Event::Tool { name: "weather".into() },
        Event::Arguments { text: "{\"city\"".into(), tokens: Vec::new() },
        Event::Arguments { text: "{\"city\"".into(), tokens: explained() },
        Event::Call { call: call() },
        Event::Ask { call: call(), parameters: vec!["days".into()] },
        Event::Choose { candidates: vec![RankedTool { name: "weather".into(), probability: 0.5 }] },
        Event::Approve { call: call(), reason: Reason::Changes },
        Event::Approve { call: call(), reason: Reason::NotAsked },
        Event::Execute { call: call() },
        Event::Token { id: 7, text: " the".into() },
    ];
    for event in &all {
        match event {
            Event::Prefill { .. }
            | Event::Ranking { .. }
            | Event::Abstain { reason: Abstained::NoTool | Abstained::Language }
            | Event::Look { .. }
            | Event::Tool { .. }
            | Event::Arguments { .. }
            | Event::Call { .. }
            | Event::Ask { .. }
            | Event::Choose { .. }
            | Event::Approve { reason: Reason::Changes | Reason::NotAsked, .. }
            | Event::Execute { .. }
            | Event::Token { .. }
            | Event::End { .. } => {}
        }
    }
    let end = |end: &End| Event::End {
        end: end.clone(),
        calls: vec![past(Outcome::Observed), past(Outcome::Failed), past(Outcome::Denied)],
    };
    all.into_iter().chain(ends().iter().map(end)).collect()
}

fn ends() -> Vec<End> {
    let all = vec![
        End::Done,
        End::Abstained,
        End::Unsure,
        End::Asked {
            tool: "weather".into(),
            arguments: Map::from_iter([("days".to_owned(), json!(3))]),
            parameters: vec!["city".into()],
        },
        End::Denied,
        End::Failed,
        End::MaxSteps,
        End::Repeated,
        End::NoRoom,
    ];
    for end in &all {
        match end {
            End::Done
            | End::Abstained
            | End::Unsure
            | End::Asked { .. }
            | End::Denied
            | End::Failed
            | End::MaxSteps
            | End::Repeated
            | End::NoRoom => {}
        }
    }
    all
}

fn replies() -> Vec<Value> {
    let all = vec![
        json!({ "type": "choice", "tool": "weather" }),
        json!({ "type": "choice", "tool": null }),
        json!({ "type": "approval", "approved": true }),
        json!({ "type": "observation", "text": "{\"result\": 7}" }),
        json!({ "type": "failure", "message": "status 500" }),
    ];
    for reply in &all {
        match serde_json::from_value::<Reply>(reply.clone()).unwrap() {
            Reply::Choice { .. }
            | Reply::Approval { .. }
            | Reply::Observation { .. }
            | Reply::Failure { .. } => {}
        }
    }
    all
}

/// Questions as the page puts them, read as the engine reads them.
fn questions() -> Vec<Value> {
    let call = json!({ "name": "weather", "arguments": { "city": "Oslo" } });
    let all = vec![
        json!({ "text": "and tomorrow?" }),
        json!({
            "text": "and tomorrow?", "now": "2026-05-14T09:30",
            "offsets": [["2024-05-14T00:00", "+02:00"], ["2024-10-27T03:00", "+01:00"]],
            "before": [
                { "text": "rain in Oslo?", "call": call },
                { "text": "rain in Oslo?", "call": call, "observation": "{\"result\": 7}" },
            ],
        }),
    ];
    for question in &all {
        let Question { text, now, offsets, before } =
            serde_json::from_value(question.clone()).unwrap();
        assert_eq!(text, "and tomorrow?");
        assert_eq!(now.map_or(0, |_| 2), before.len());
        assert_eq!(now.and_then(|now| offsets.at(now)).is_some(), now.is_some());
        assert!(before.iter().all(|turn| turn.call == self::call() && turn.text.len() == 13));
    }
    all
}

/// The codes of errors that a page can meet, in a `match` that a new kind breaks.
fn codes() -> Vec<&'static str> {
    let text = String::new;
    let all = [
        Error::Gguf { offset: 0, reason: text() },
        Error::Tensor { name: text(), reason: text() },
        Error::Tokenizer(text()),
        Error::Adapter { field: text(), reason: text() },
        Error::Pack { field: text(), reason: text() },
        Error::BaseMismatch { file: "", expected: text(), found: text(), remedy: "" },
        Error::NoPack,
        Error::Schema { tool: text(), path: text(), reason: text() },
        Error::OpenApi { path: text(), reason: text() },
        Error::QuestionEmpty,
        Error::QuestionTooLong { tokens: 0, limit: 0 },
        Error::ArgumentsTooLong { tool: text(), limit: 0 },
        Error::Option { name: "device", reason: text() },
        Error::OutOfTurn(""),
        Error::Backend(text()),
        Error::Gpu { what: text(), reason: text() },
        Error::DeviceLost { reason: text() },
    ];
    for error in &all {
        match error {
            Error::Gguf { .. } | Error::Truncated { .. } => {} // one code
            Error::Tensor { .. } | Error::Metadata { .. } => {}
            Error::Tokenizer(_) | Error::Adapter { .. } | Error::Pack { .. } => {}
            Error::BaseMismatch { .. } | Error::NoPack => {}
            Error::Schema { .. } | Error::OpenApi { .. } => {}
            Error::QuestionEmpty | Error::QuestionTooLong { .. } => {}
            Error::ArgumentsTooLong { .. } | Error::Option { .. } | Error::OutOfTurn(_) => {}
            Error::Backend(_) | Error::Gpu { .. } | Error::DeviceLost { .. } => {}
            // Native only.
            Error::Dataset { .. } | Error::Io { .. } | Error::Training(_) => {}
        }
    }
    let codes = all.iter().map(Error::code).chain(["busy"]); // web/error.rs
    codes.collect()
}

fn constant(name: &str, values: &[Value], of: &str) -> String {
    let lines: Vec<String> = values.iter().map(|value| format!("  {value},\n")).collect();
    let of = if of.is_empty() { String::new() } else { format!(" satisfies readonly {of}[]") };
    format!("export const {name} = [\n{}] as const{of};\n", lines.concat())
}

#[test]
fn javascript_is_told_what_the_types_say() {
    let json = |event: &Event| serde_json::to_value(event).unwrap();
    let events: Vec<Value> = events().iter().map(json).collect();
    let similar = Similar { tools: ["a".into(), "b".into()], similarity: 0.875 };
    let codes: Vec<Value> = codes().into_iter().map(Value::from).collect();
    let text = [
        "// Written by src/agent/contract.rs: what the module says, one example of each kind.\n"
            .into(),
        "import type { Asked, Reply, RunStreamEvent } from \"../../pkg/protocol.js\";\n".into(),
        "import type { WasmErrorCode } from \"../../pkg/core/errors.js\";\n".into(),
        "import type { Conflict } from \"../../pkg/core/types.js\";\n\n".into(),
        constant("events", &events, "RunStreamEvent"),
        "\n".into(),
        constant("replies", &replies(), "Reply"),
        "\n".into(),
        constant("questions", &questions(), "Asked"),
        "\n".into(),
        constant("errorCodes", &codes, "WasmErrorCode"),
        "\n".into(),
        constant("conflicts", &[serde_json::to_value(similar).unwrap()], "Conflict"),
    ]
    .concat();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/contract.ts");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(text, expected, "run UPDATE_GOLDEN=1 cargo test contract, and mend the types");
}
