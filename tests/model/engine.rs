//! The whole path on the real checkpoint and the catalogue's pack.

use crate::common;
use pollster::block_on;
use toolgen::agent::{Engine, Event, Stream};
use toolgen::backend::cpu::Cpu;
use toolgen::model::ModelId;
use toolgen::tool::ToolPack;

fn events(mut stream: Stream<Cpu>) -> Vec<Event> {
    std::iter::from_fn(|| block_on(stream.next()).unwrap()).collect()
}

#[test]
fn a_question_becomes_a_call() {
    let engine = common::engine();
    let events = events(engine.call("What's the weather like in Bergen right now?", 3).unwrap());
    let kinds: Vec<&str> = events
        .iter()
        .map(|event| match event {
            Event::Prefill { .. } => "prefill",
            Event::Ranking { .. } => "ranking",
            Event::Abstain { .. } => "abstain",
            Event::Look { .. } => "look",
            Event::Choose { .. } => "choose",
            Event::Tool { .. } => "tool",
            Event::Arguments { .. } => "arguments",
            Event::Call { .. } => "call",
            Event::Ask { .. } => "ask",
            Event::Token { .. } => "token",
            Event::Approve { .. } => "approve",
            Event::Execute { .. } => "execute",
            Event::End { .. } => "end",
        })
        .collect();
    let mut order = kinds.clone();
    order.dedup();
    assert_eq!(order, ["prefill", "ranking", "tool", "prefill", "arguments", "call"]);

    let ranking = events.iter().find_map(|event| match event {
        Event::Ranking { tools, .. } => Some(tools),
        _ => None,
    });
    let ranking = ranking.unwrap();
    assert_eq!(ranking.len(), 3);
    assert!(ranking.is_sorted_by(|a, b| a.probability >= b.probability));
    assert!(ranking.iter().map(|tool| tool.probability).sum::<f32>() <= 1.0 + 1e-4);

    let written: String = events
        .iter()
        .filter_map(|event| match event {
            Event::Arguments { text, .. } => Some(text.as_str()),
            _ => None,
        })
        .collect();
    let Some(Event::Call { call }) = events.last() else { panic!("no call: {events:?}") };
    assert_eq!(call.name, "weather_now");
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&written).unwrap(),
        serde_json::json!(call.arguments)
    );
    assert_eq!(call.arguments["city"], "Bergen");
}

#[test]
fn retrieval_gives_every_tool_its_probability() {
    let engine = common::engine();
    let count = engine.pack().unwrap().tools.len();
    let events = events(engine.retrieve("flip a coin", 1000).unwrap());
    let Some(Event::Ranking { tools, abstain, .. }) = events.last() else { panic!("no ranking") };
    assert_eq!(tools.len(), count);
    assert_eq!(tools[0].name, "flip_coin");
    let sum: f32 = tools.iter().map(|tool| tool.probability).sum();
    assert!((sum + abstain - 1.0).abs() < 1e-3, "{sum} and {abstain}");
}

#[test]
fn questions_that_are_none() {
    let engine = common::engine();
    for question in ["", "   ", "\n\t"] {
        assert_eq!(engine.call(question, 5).err().unwrap().code(), "question_empty");
    }
    let long = "why ".repeat(2000);
    assert_eq!(engine.call(&long, 5).err().unwrap().code(), "question_too_long");
    assert_eq!(engine.retrieve(&long, 5).err().unwrap().code(), "question_too_long");
    assert_eq!(engine.complete(&long.repeat(5), 5).err().unwrap().code(), "question_too_long");
    assert_eq!(engine.complete("", 5).err().unwrap().code(), "question_empty");
    // The next question works.
    assert!(matches!(
        events(engine.retrieve("roll two dice", 1).unwrap()).last(),
        Some(Event::Ranking { .. })
    ));
}

#[test]
fn a_stream_dropped_anywhere_leaves_the_engine_whole() {
    let engine = common::engine();
    let question = "convert 5 miles to kilometres";
    let whole = events(engine.call(question, 5).unwrap());
    for steps in [0, 1, 2, 3, whole.len() / 2, whole.len() - 1] {
        let mut stream = engine.call(question, 5).unwrap();
        for _ in 0..steps {
            block_on(stream.next()).unwrap();
        }
        drop(stream);
    }
    assert_eq!(events(engine.call(question, 5).unwrap()), whole);
}

#[test]
fn a_pack_of_another_base_is_refused_and_the_one_before_stays() {
    let mut engine = Engine::new(common::checkpoint()).unwrap();
    assert_eq!(engine.retrieve("roll two dice", 1).err().unwrap().code(), "no_pack");
    engine.load_pack(common::pack()).unwrap();
    let other =
        ToolPack { model: ModelId { checkpoint: "0".repeat(64), adapter: None }, ..common::pack() };
    assert_eq!(engine.load_pack(other).unwrap_err().code(), "base_mismatch");
    assert!(matches!(
        events(engine.retrieve("roll two dice", 1).unwrap()).last(),
        Some(Event::Ranking { .. })
    ));
}

#[test]
fn a_schema_that_can_not_be_held_stops_the_call_and_not_the_engine() {
    let mut engine = Engine::new(common::checkpoint()).unwrap();
    let mut pack = common::pack();
    let coin = pack.tools.iter_mut().find(|tool| tool.name == "flip_coin").unwrap();
    coin.parameters["not"] = serde_json::json!({});
    engine.load_pack(pack).unwrap();
    let mut stream = engine.call("flip a coin", 1).unwrap();
    let error = loop {
        match block_on(stream.next()) {
            Ok(Some(_)) => {}
            Ok(None) => panic!("the call went through"),
            Err(error) => break error,
        }
    };
    assert!(error.to_string().contains("flip_coin"), "{error}");
    assert_eq!(block_on(stream.next()).unwrap(), None, "after an error the stream is done");
    assert!(matches!(
        events(engine.call("roll two dice", 1).unwrap()).last(),
        Some(Event::Call { .. })
    ));
}
