//! Tools that join the catalogue's pack, leave it and learn from examples, on the real checkpoint.

use crate::common;
use std::collections::HashMap;

use pollster::block_on;
use toolgen::agent::{Engine, Event};
use toolgen::backend::cpu::Cpu;
use toolgen::retrieval::RankedTool;
use toolgen::tool::dataset::read_instances;
use toolgen::tool::{Instance, Tool, ToolPack};

fn register(engine: &mut Engine<Cpu>, tools: &[Tool]) {
    let maker = engine.row_maker();
    let rows: Vec<f32> = tools.iter().flat_map(|tool| block_on(maker.row(tool)).unwrap()).collect();
    engine.add_tools(tools, &rows).unwrap();
}

/// The tool that is called, if one is.
fn first(engine: &Engine<Cpu>, question: &str) -> Option<String> {
    ranking(engine, question, true)
}

/// The tool that comes first. Rows of documents stand beside fitted ones here, and the abstain token, which is
/// fitted too, may be likelier still.
fn best(engine: &Engine<Cpu>, question: &str) -> Option<String> {
    ranking(engine, question, false)
}

fn ranking(engine: &Engine<Cpu>, question: &str, may_abstain: bool) -> Option<String> {
    let mut stream = engine.retrieve(question, 1).unwrap();
    loop {
        if let Event::Ranking { tools, abstain, .. } = block_on(stream.next()).unwrap()? {
            let called = |tool: &RankedTool| !may_abstain || tool.probability >= abstain;
            return tools.into_iter().find(called).map(|tool| tool.name);
        }
    }
}

fn tool(name: &str, description: &str) -> Tool {
    Tool {
        name: name.into(),
        description: description.into(),
        parameters: serde_json::json!({ "type": "object", "properties": {}, "required": [] }),
        http: None,
        annotations: Default::default(),
    }
}

/// One-call questions of a catalogue's file by tool.
fn questions(file: &str) -> HashMap<String, Vec<Instance>> {
    let mut by_tool: HashMap<String, Vec<Instance>> = HashMap::new();
    for instance in read_instances(&common::root().join("models/catalogue").join(file)).unwrap() {
        if let [call] = instance.calls.as_slice() {
            by_tool.entry(call.name.clone()).or_default().push(instance);
        }
    }
    by_tool
}

#[test]
fn tools_join_and_leave_a_fitted_pack() {
    let mut engine = common::engine();
    let before = engine.pack().unwrap().tools.len();
    let coin = first(&engine, "flip a coin");
    let own = [
        tool("book_meeting_room", "Reserves a meeting room in our office for a time."),
        tool("garage_door", "Opens or closes the door of the garage."),
    ];
    register(&mut engine, &own);
    assert_eq!(engine.pack().unwrap().tools.len(), before + 2);
    assert_eq!(first(&engine, "reserve a meeting room").as_deref(), Some("book_meeting_room"));
    assert_eq!(best(&engine, "close the garage door").as_deref(), Some("garage_door"));
    assert_eq!(first(&engine, "flip a coin"), coin, "the others stay as they were");

    // A namesake takes the place.
    register(
        &mut engine,
        &[tool("garage_door", "Says whether the garage door is open or closed.")],
    );
    assert_eq!(engine.pack().unwrap().tools.len(), before + 2);
    let document = &engine.pack().unwrap().tools[before + 1];
    assert!(document.description.starts_with("Says whether"), "{document:?}");
    assert_eq!(best(&engine, "is the garage door open?").as_deref(), Some("garage_door"));

    // What is exported is what was there.
    let bytes = engine.pack().unwrap().to_bytes().unwrap();
    let mut other = Engine::new(common::checkpoint()).unwrap();
    other.load_pack(ToolPack::from_bytes(&bytes).unwrap()).unwrap();
    assert_eq!(first(&other, "reserve a meeting room").as_deref(), Some("book_meeting_room"));

    engine
        .remove_tools(&["book_meeting_room".into(), "garage_door".into(), "none".into()])
        .unwrap();
    assert_eq!(engine.pack().unwrap().tools.len(), before);
    assert_ne!(first(&engine, "reserve a meeting room").as_deref(), Some("book_meeting_room"));
}

#[test]
fn an_engine_without_a_pack_takes_tools_of_its_own() {
    let mut engine = Engine::new(common::checkpoint()).unwrap();
    let own = [
        tool("lights_on", "Turns on the lights in a room."),
        tool("lights_off", "Turns off the lights in a room."),
        tool("play_song", "Plays a song."),
        tool("switch_on_lamps", "Turns on the lights in a room."),
    ];
    register(&mut engine, &own);
    assert_eq!(first(&engine, "play a song by ABBA").as_deref(), Some("play_song"));

    let all = engine.similar(None, -1.0).unwrap();
    assert_eq!(all.len(), 6);
    println!("{all:?}");
    let song = |similar: &toolgen::agent::Similar| similar.tools.contains(&"play_song".to_owned());
    assert!(all[3..].iter().all(song), "the song is least like the others: {all:?}");
    assert_eq!(all[0].tools, ["lights_on".to_owned(), "switch_on_lamps".to_owned()]);
    let some = engine.similar(Some(&["play_song".into()]), -1.0).unwrap();
    assert!(some.len() == 3 && some.iter().all(song));

    let with = |parameters| Tool { parameters, ..own[0].clone() };
    let broken = with(serde_json::json!({ "type": "string" }));
    assert_eq!(engine.callable(&broken).unwrap_err().code(), "schema");
    assert_eq!(engine.callable(&own[0]).unwrap(), (own[0].clone(), vec![]));
    let wide = with(serde_json::json!({ "type": "object", "required": ["a"], "properties": {
        "a": { "$ref": "#/$defs/a" }, "b": { "format": "x" } }, "$defs": { "a": { "type": "integer", "x-y": 1 } } }));
    let mut weak = wide.clone();
    weak.parameters["properties"]["a"] = serde_json::json!({ "type": "string", "not": {} });
    assert_eq!(
        engine.callable(&weak).unwrap_err().code(),
        "schema",
        "nothing less than the schema holds"
    );
    let narrowed = engine.callable(&wide).unwrap();
    assert_eq!(narrowed.0.parameters["properties"]["a"]["type"], "integer", "{narrowed:?}");
    let key = |tool: &Tool| engine.document_key(tool).unwrap();
    assert_ne!(key(&own[0]), key(&own[1]));
    assert_eq!(key(&own[0]), key(&broken), "the model reads the same");

    let names: Vec<String> = own.iter().map(|tool| tool.name.clone()).collect();
    engine.remove_tools(&names).unwrap();
    assert_eq!(engine.retrieve("play a song", 1).err().unwrap().code(), "no_pack");
}

#[test]
fn a_choice_can_be_kept_to_some_tools() {
    let engine = common::engine();
    let names = ["roll_dice".to_owned(), "convert_length".to_owned()];
    let mut stream = engine.call_among("flip a coin", 10, Some(&names)).unwrap();
    let ranking = loop {
        if let Event::Ranking { tools, .. } = block_on(stream.next()).unwrap().unwrap() {
            break tools;
        }
    };
    let mut ranked: Vec<&str> = ranking.iter().map(|tool| tool.name.as_str()).collect();
    ranked.sort_unstable();
    assert_eq!(ranked, ["convert_length", "roll_dice"]);
    assert_eq!(
        engine.call_among("x", 1, Some(&["none".into()])).err().unwrap().code(),
        "bad_option"
    );
}

#[test]
fn a_tool_that_does_not_fit_is_called_where_it_is_required() {
    let engine = common::engine();
    let only = ["convert_length".to_owned()];
    let last = |required| {
        let mut call = engine.call_among("flip a coin", 1, Some(&only)).unwrap().required(required);
        std::iter::from_fn(|| block_on(call.next()).unwrap()).last().unwrap()
    };
    assert!(matches!(last(false), Event::Abstain { .. }));
    let Event::Ask { call, parameters } = last(true) else { panic!("the question says no length") };
    assert_eq!(call.name, "convert_length");
    assert!(!parameters.is_empty());
}

/// Rows of documents alone, then two examples a tool: held-out questions are answered better.
#[test]
fn examples_teach() {
    let (train, dev) = (questions("train.jsonl"), questions("dev.jsonl"));
    let tools: Vec<Tool> = common::pack().tools;
    let mut own: Vec<Tool> = tools
        .into_iter()
        .filter(|tool| {
            train.get(&tool.name).is_some_and(|all| all.len() >= 2) && dev.contains_key(&tool.name)
        })
        .collect();
    own.truncate(20);
    let mut engine = Engine::new(common::checkpoint()).unwrap();
    register(&mut engine, &own);
    let asked: Vec<(&str, &str)> = own
        .iter()
        .flat_map(|tool| {
            dev[&tool.name].iter().take(2).map(|i| (i.query.as_str(), tool.name.as_str()))
        })
        .collect();
    let right = |engine: &Engine<Cpu>| {
        asked.iter().filter(|(query, name)| first(engine, query).as_deref() == Some(name)).count()
    };
    let before = right(&engine);
    let maker = engine.row_maker();
    let examples = own
        .iter()
        .flat_map(|tool| train[&tool.name].iter().take(2))
        .map(|i| (Some(i.calls[0].name.clone()), block_on(maker.example(&i.query)).unwrap()))
        .collect();
    engine.teach(examples).unwrap();
    let after = right(&engine);
    println!("{before} of {} before, {after} after", asked.len());
    assert!(after >= before, "{before} before, {after} after");

    // A wording that no document has.
    let (wish, target) = ("let fate decide for me", own[0].name.clone());
    assert_ne!(first(&engine, wish).as_deref(), Some(&*target));
    let examples = ["let fate decide", "fate should decide this", "leave it to fate"]
        .map(|wording| (Some(target.clone()), block_on(maker.example(wording)).unwrap()));
    engine.teach(examples.into()).unwrap();
    assert_eq!(first(&engine, wish).as_deref(), Some(&*target));
    assert!(right(&engine) + 1 >= after, "other questions are answered as before");

    let unknown = vec![(Some("none".to_owned()), block_on(maker.example("x")).unwrap())];
    assert_eq!(engine.teach(unknown).unwrap_err().code(), "pack");
    // That no tool fits is taught, too.
    let weather = "is it going to snow on Mars?";
    let none = vec![(None, block_on(maker.example(weather)).unwrap())];
    engine.teach(none).unwrap();
    assert_eq!(first(&engine, weather), None);
}
