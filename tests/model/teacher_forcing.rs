//! Judging by teacher forcing agrees with generation, on the real checkpoint and the catalogue's pack.

use crate::common;
use pollster::block_on;
use toolgen::agent::{Engine, Event};
use toolgen::evaluation::teacher_forcing::evaluate_by_teacher_forcing;
use toolgen::tool::ToolCall;
use toolgen::tool::{Instance, ToolPack};
use toolgen::training::autograd::Autograd;

const QUESTIONS: [&str; 6] = [
    "What's the weather like in Bergen right now?",
    "flip a coin",
    "Convert 12 miles to kilometres",
    "Who is in space right now?",
    "roll 3 dice",
    "a random cat picture, please",
];

#[test]
fn what_generation_wrote_is_exact_and_something_else_is_not() {
    let path = common::root().join("models/packs/catalogue.safetensors");
    let pack = ToolPack::from_bytes(&std::fs::read(path).unwrap()).unwrap();
    let mut engine = Engine::new(common::checkpoint()).unwrap();
    engine.load_pack(pack.clone()).unwrap();
    let call = |question: &str| -> Option<ToolCall> {
        let mut stream = engine.call(question, 5).unwrap();
        let events = std::iter::from_fn(|| block_on(stream.next()).unwrap());
        events
            .filter_map(|event| if let Event::Call { call } = event { Some(call) } else { None })
            .last()
    };
    let calls = QUESTIONS.map(call);
    let instances = |of: &dyn Fn(&ToolCall) -> serde_json::Value| -> Vec<Instance> {
        let label = |(query, call): (&str, &Option<ToolCall>)| {
            let calls: Vec<_> = call.iter().map(of).collect();
            serde_json::from_value(serde_json::json!({ "query": query, "calls": calls })).unwrap()
        };
        QUESTIONS.into_iter().zip(&calls).map(label).collect()
    };
    let as_written = instances(&|call| serde_json::to_value(call).unwrap());
    let otherwise = instances(
        &|call| serde_json::json!({ "name": call.name, "arguments": { "no_such_argument": 1 } }),
    );

    let checkpoint = common::checkpoint_on(Autograd);
    let evaluate = |instances: &[Instance]| {
        evaluate_by_teacher_forcing(&checkpoint, &pack, instances, true, |_, _| ()).unwrap()
    };
    let report = evaluate(&as_written);
    assert_eq!(report.ranking.tool_accuracy, 1.0);
    // Bfloat16 and 8-bit activations may part ways over one token.
    assert!(report.calls.unwrap().call_exact >= 0.8, "{report:?}");
    assert_eq!(evaluate(&otherwise).calls.unwrap().call_exact, 0.0);
}
