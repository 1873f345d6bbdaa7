//! Streams of a model that was trained to look twice, and streams that explain themselves: `models/tiny` as if it had been.

use pollster::block_on;
use serde_json::json;
use toolgen::agent::{Engine, Event, Stream};
use toolgen::backend::cpu::Cpu;
use toolgen::generation::second_look::Belief;
use toolgen::rows::from_documents::pack_of_documents;
use toolgen::tool::Tool;
use toolgen::tool::dataset::read_tools;

use crate::common;

fn events(mut stream: Stream<Cpu>) -> Vec<Event> {
    std::iter::from_fn(|| block_on(stream.next()).unwrap()).collect()
}

/// As if it had been trained to look twice.
pub fn engine() -> Engine<Cpu> {
    engine_with(read_tools(&common::root().join("models/tiny/tools.jsonl")).unwrap())
}

fn engine_with(tools: Vec<Tool>) -> Engine<Cpu> {
    let mut head = common::tiny::teachable_head();
    head.version = 2;
    let checkpoint = common::read(Cpu, &common::tiny::merged(&head), 1 << 16).unwrap();
    let pack = block_on(pack_of_documents(&checkpoint, tools, |_| ())).unwrap();
    let mut engine = Engine::new(checkpoint).unwrap();
    engine.load_pack(pack).unwrap();
    engine
}

/// Random weights are always in doubt.
#[test]
fn what_looks_come_to_is_told_before_the_tool() {
    let engine = engine();
    let told = events(engine.call("weather in Oslo", 4).unwrap());
    let place = |is: fn(&Event) -> bool| told.iter().position(is).unwrap();
    let first = place(|event| matches!(event, Event::Ranking { .. }));
    let looks: Vec<(&String, f32)> = told
        .iter()
        .filter_map(|event| match event {
            Event::Look { name, probability } => Some((name, *probability)),
            _ => None,
        })
        .collect();
    let Event::Ranking { tools: before, sure, .. } = &told[first] else { panic!() };
    assert!(!sure, "looks are to come");
    assert_eq!(looks.len(), 3);
    assert!(looks.iter().zip(before).all(|((looked_at, _), tool)| **looked_at == tool.name));

    let last = told.iter().rposition(|event| matches!(event, Event::Ranking { .. })).unwrap();
    let Event::Ranking { tools: after, abstain, .. } = &told[last] else { panic!() };
    let plain = events(engine.retrieve("weather in Oslo", 4).unwrap()).pop().unwrap();
    let Event::Ranking { tools: before, abstain: none, .. } = plain else { panic!() };
    let ranked: Vec<f32> = before.iter().map(|tool| tool.probability).collect();
    let said: Vec<f32> = looks.iter().map(|(_, probability)| *probability).collect();
    let belief = Belief::of(&ranked, none, &said);
    for (tool, probability) in before.iter().zip(&belief.tools) {
        let told = after.iter().find(|other| other.name == tool.name).unwrap();
        assert!((told.probability - probability).abs() < 1e-6);
    }
    assert!(after.is_sorted_by(|a, b| a.probability >= b.probability));
    match &told[last + 1] {
        Event::Abstain { .. } => assert!(*abstain > after[0].probability),
        Event::Tool { name } => assert_eq!(*name, after[0].name),
        other => panic!("{other:?}"),
    }
}

/// The name of the tool that is called, if one is, and whether the stream ends in a call or in a question for what lacks.
fn called(told: &[Event]) -> Option<(&str, bool)> {
    let tool = told.iter().find_map(|event| match event {
        Event::Tool { name } => Some(name.as_str()),
        _ => None,
    })?;
    Some((tool, matches!(told.last(), Some(Event::Call { .. } | Event::Ask { .. }))))
}

/// The abstain token's row is random, too: among single tools it is likelier than some.
#[test]
fn a_required_call_is_made_where_none_fits() {
    let engine = engine();
    let names: Vec<String> = engine.tools().unwrap().iter().map(|tool| tool.name.clone()).collect();
    let mut declined = 0;
    for question in ["weather in Oslo", "sing me a song", "Wie wird das Wetter morgen in Oslo?"] {
        for name in &names {
            let only = Some(std::slice::from_ref(name));
            let call = || engine.call_among(question, 4, only).unwrap();
            declined += usize::from(called(&events(call())).is_none());
            let told = events(call().required(true));
            assert_eq!(called(&told), Some((name.as_str(), true)), "{question}");
            let looks = told.iter().filter(|event| matches!(event, Event::Look { .. })).count();
            assert_eq!(looks, 0, "there is nothing to choose");
        }
        let told = events(engine.call(question, 4).unwrap().required(true));
        let mut rankings = told.iter().filter_map(|event| match event {
            Event::Ranking { tools, .. } => tools.first(),
            _ => None,
        });
        let first = rankings.next_back().unwrap().name.as_str();
        assert_eq!(called(&told), Some((first, true)), "the likeliest");
    }
    assert!(declined > 0);
}

#[test]
fn a_character_is_told_with_the_last_of_its_tokens() {
    let sky = json!({ "name": "sky", "description": "Draws the sky.", "parameters": { "type": "object",
        "properties": { "of": { "const": "🌦" } }, "required": ["of"] } });
    let engine = engine_with(vec![serde_json::from_value(sky).unwrap()]);
    let told = events(engine.call("a shower", 1).unwrap().explained(true).required(true));
    let written = told.iter().filter_map(|event| match event {
        Event::Arguments { text, tokens } => Some((text.as_str(), tokens)),
        _ => None,
    });
    let (text, tokens): (String, Vec<_>) = written.unzip();
    let tokens: Vec<_> = tokens.into_iter().flatten().collect();
    assert!(text.contains('🌦'), "{text}");
    assert_eq!(tokens.iter().map(|token| token.text.as_str()).collect::<String>(), text);
    let inside = tokens.iter().filter(|token| token.text.is_empty());
    assert_eq!(inside.count(), 3, "a byte is a token: {tokens:?}");
    assert!(tokens.iter().any(|token| token.text.starts_with('🌦')), "{tokens:?}");
}

#[test]
fn a_stream_explains_its_arguments() {
    let engine = engine();
    let mut stream = engine.run("roll 3 dice", 2, 1, None).unwrap().explained(true);
    let told = std::iter::from_fn(|| match stream.is_waiting() {
        true => None,
        false => block_on(stream.next()).unwrap(),
    });
    let told: Vec<Event> = told.collect();
    let arguments = told.iter().filter_map(|event| match event {
        Event::Arguments { text, tokens } => Some((text, tokens)),
        _ => None,
    });
    let (mut text, mut spelled, mut chosen) = (String::new(), String::new(), 0);
    for (new, tokens) in arguments {
        text += new;
        for token in tokens {
            spelled += &token.text;
            assert_eq!(token.forced, token.alternatives.is_empty());
            chosen += usize::from(!token.forced);
            let likely = token.alternatives.iter().map(|other| other.probability);
            assert!(likely.clone().sum::<f32>() < 1.001 && likely.is_sorted_by(|a, b| a >= b));
            assert!(token.alternatives.first().is_none_or(|first| first.text == token.text));
            assert!(token.alternatives.len() <= token.allowed);
        }
    }
    assert!(chosen > 0, "{told:?}");
    assert_eq!(text, spelled);

    let silent = events(engine.call("roll 3 dice", 2).unwrap());
    let is_silent =
        |event: &Event| !matches!(event, Event::Arguments { tokens, .. } if !tokens.is_empty());
    assert!(silent.iter().all(is_silent));
}
