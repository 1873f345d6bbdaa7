//! Examples that an engine is taught, on `models/tiny`.

use pollster::block_on;
use toolgen::agent::{Engine, Event};
use toolgen::backend::cpu::Cpu;
use toolgen::tool::Tool;

use crate::tiny::engine;

#[test]
fn examples_lead_to_their_tools() {
    let mut engine = engine();
    let taught = [("rain in Bergen?", "weather"), ("remember the milk", "add_note")];
    let maker = engine.row_maker();
    let examples = taught.map(|(question, tool)| {
        (Some(tool.to_owned()), block_on(maker.example(question)).unwrap())
    });
    engine.teach(examples.into()).unwrap();
    for (question, tool) in taught {
        let mut stream = engine.retrieve(question, 1).unwrap();
        let ranking = std::iter::from_fn(|| block_on(stream.next()).unwrap()).last().unwrap();
        let Event::Ranking { tools, .. } = ranking else { panic!("{ranking:?}") };
        assert_eq!(tools[0].name, tool, "{question}");
    }
}

/// An example tells its tool from all others, those too that come later.
#[test]
fn tools_with_examples_may_come_in_any_order() {
    let lessons = [("weather", "rain in Bergen?"), ("add_note", "remember the rain")];
    let names = lessons.map(|(tool, _)| tool.to_owned());
    let begun = || {
        let mut engine = engine();
        let tools = engine.tools().unwrap();
        let tool = |name: &String| tools.iter().find(|tool| tool.name == *name).unwrap().clone();
        let tools = names.each_ref().map(tool);
        engine.remove_tools(&names).unwrap();
        (engine, tools)
    };
    let register = |engine: &mut Engine<Cpu>, tools: &[Tool]| {
        let maker = engine.row_maker();
        let rows: Vec<f32> = tools.iter().flat_map(|t| block_on(maker.row(t)).unwrap()).collect();
        engine.add_tools(tools, &rows).unwrap();
    };
    let teach = |engine: &mut Engine<Cpu>, lessons: &[(&str, &str)]| {
        let maker = engine.row_maker();
        let taught = |&(tool, question): &(&str, &str)| {
            (Some(tool.to_owned()), block_on(maker.example(question)).unwrap())
        };
        engine.teach(lessons.iter().map(taught).collect()).unwrap();
    };
    let (mut together, tools) = begun();
    register(&mut together, &tools);
    let documents = together.pack().unwrap().to_bytes().unwrap();
    teach(&mut together, &lessons);
    let (mut in_turn, tools) = begun();
    for place in 0..tools.len() {
        register(&mut in_turn, &tools[place..=place]);
        assert_eq!(in_turn.pack().unwrap().tools.last(), Some(&tools[place]));
        teach(&mut in_turn, &lessons[place..=place]);
    }
    let bytes = |engine: &Engine<Cpu>| engine.pack().unwrap().to_bytes().unwrap();
    assert_eq!(bytes(&in_turn), bytes(&together));
    assert_ne!(bytes(&together), documents);

    // The same question taught again counts once, and for the tool that it is taught for last.
    teach(&mut in_turn, &lessons);
    assert_eq!(bytes(&in_turn), bytes(&together));
    teach(&mut in_turn, &[("add_note", lessons[0].1)]);
    assert_ne!(bytes(&in_turn), bytes(&together));

    // Without the tools their examples are gone.
    in_turn.remove_tools(&names).unwrap();
    register(&mut in_turn, &tools);
    assert_eq!(bytes(&in_turn), documents);
}

#[test]
fn a_tool_that_is_registered_again_keeps_what_it_was_taught() {
    let mut engine = engine();
    let question = "rain in Bergen?";
    let example = block_on(engine.row_maker().example(question)).unwrap();
    engine.teach(vec![(Some("weather".into()), example)]).unwrap();
    let ranking = |engine: &Engine<Cpu>| {
        let mut stream = engine.retrieve(question, 5).unwrap();
        std::iter::from_fn(|| block_on(stream.next()).unwrap()).last().unwrap()
    };
    let taught = ranking(&engine);
    let named = |name: &str| {
        let tools = &engine.pack().unwrap().tools;
        tools.iter().find(|tool| tool.name == name).unwrap().clone()
    };
    let mut again = named("weather");
    again.annotations.read_only_hint = !again.annotations.read_only_hint;
    let mut other = again.clone();
    other.description += " Also for the moon.";
    assert!(engine.has_row(&again).unwrap());
    assert!(!engine.has_row(&other).unwrap(), "another document is another row");
    let hint = again.annotations.read_only_hint;
    engine.update_tools(&[again]).unwrap();
    assert_eq!(ranking(&engine), taught);
    let tools = &engine.pack().unwrap().tools;
    let weather = tools.iter().find(|tool| tool.name == "weather").unwrap();
    assert_eq!(weather.annotations.read_only_hint, hint);
}
