//! Metrics on cases worked out by hand, and the baselines that need no model.

use serde_json::json;
use toolgen::evaluation::baselines::bm25::Bm25;
use toolgen::evaluation::baselines::naive_bayes::NaiveBayes;
use toolgen::evaluation::evaluate::evaluate_retriever;
use toolgen::evaluation::{Prediction, Report, Tally};
use toolgen::tool::ToolCall;
use toolgen::tool::{Instance, Tool};

fn tools() -> Vec<Tool> {
    [
        ("get_weather", "Tells the weather forecast of a city."),
        ("set_timer", "Starts a timer that rings after some minutes."),
        ("play_music", "Plays a song or an album."),
    ]
    .map(|(name, description)| {
        let parameters = json!({
            "type": "object",
            "properties": { "city": { "type": "string" }, "minutes": { "type": "integer" } },
            "additionalProperties": false
        });
        let tool = json!({ "name": name, "description": description, "parameters": parameters });
        serde_json::from_value(tool).unwrap()
    })
    .into()
}

fn instance(calls: serde_json::Value) -> Instance {
    serde_json::from_value(json!({ "query": "?", "calls": calls })).unwrap()
}

fn labelled(name: &str, arguments: serde_json::Value) -> Instance {
    instance(json!([{ "name": name, "arguments": arguments }]))
}

fn ranked(names: &[&str]) -> Prediction {
    Prediction::ranked(names.iter().map(|name| (*name != "-").then(|| (*name).to_owned())))
}

fn called(name: &str, arguments: serde_json::Value) -> Prediction {
    let serde_json::Value::Object(arguments) = arguments else { panic!("not an object") };
    Prediction { call: Some(ToolCall { name: name.into(), arguments }), ..ranked(&[name]) }
}

fn report(calling: bool, answers: &[(Instance, Prediction)]) -> Report {
    let tools = tools();
    let mut tally = Tally::new(&tools, calling).unwrap();
    for (instance, prediction) in answers {
        tally.count(instance, prediction, 1.0);
    }
    tally.finish()
}

fn assert_close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9, "{found}, expected {expected}");
}

#[test]
fn rankings_of_one_and_of_several_right_tools() {
    let two = json!([
        { "name": "get_weather", "arguments": null }, { "name": "set_timer", "arguments": null }
    ]);
    let report = report(
        false,
        &[
            (labelled("get_weather", json!(null)), ranked(&["set_timer", "get_weather"])),
            (instance(two), ranked(&["get_weather", "play_music", "set_timer"])),
        ],
    );
    let second = 1.0 / 3f64.log2(); // the gain at rank 2; at rank 3 it is 1/2
    assert_close(report.ranking.ndcg_1, (0.0 + 1.0) / 2.0);
    assert_close(report.ranking.ndcg_3, (second + 1.5 / (1.0 + second)) / 2.0);
    assert_close(report.ranking.recall_5, 1.0);
    assert_close(report.ranking.tool_accuracy, 0.5);
    assert_eq!((report.instances, report.instances_single, report.instances_none), (2, 1, 0));
    let single = report.single.unwrap();
    assert_close(single.ndcg_1, 0.0);
    assert_close(single.ndcg_5, second);
    assert_eq!((report.abstention, report.calls), (None, None));
}

#[test]
fn abstaining_is_judged_apart_from_ranking() {
    let report = report(
        false,
        &[
            (instance(json!([])), ranked(&["-", "set_timer"])), // right
            (instance(json!([])), ranked(&["-"])),              // right
            (instance(json!([])), ranked(&["set_timer", "-"])), // missed
            (labelled("set_timer", json!(null)), ranked(&["-", "set_timer"])), // wrongly
            (labelled("set_timer", json!(null)), ranked(&["set_timer", "-", "play_music"])),
        ],
    );
    let abstention = report.abstention.unwrap();
    assert_close(abstention.abstention_precision, 2.0 / 3.0);
    assert_close(abstention.abstention_recall, 2.0 / 3.0);
    assert_close(abstention.abstention_f1, 2.0 / 3.0);
    assert_eq!((report.instances, report.instances_none), (5, 3));
    // Of the two questions with a tool, both rank it first and one would call it.
    assert_close(report.ranking.ndcg_1, 1.0);
    assert_close(report.ranking.tool_accuracy, 0.5);
}

#[test]
fn calls_are_judged_by_tool_arguments_and_schema() {
    let report = report(
        true,
        &[
            // Exact: 5 and 5.0 are equal. Two pairs of two.
            (
                labelled("set_timer", json!({ "minutes": 5, "city": "Oslo" })),
                called("set_timer", json!({ "minutes": 5.0, "city": "Oslo" })),
            ),
            // One pair of two is right.
            (
                labelled("set_timer", json!({ "minutes": 5, "city": "Oslo" })),
                called("set_timer", json!({ "minutes": 5, "city": "Rome" })),
            ),
            // The wrong tool has no pair right, and the schema does not know `song`.
            (
                labelled("get_weather", json!({ "city": "Oslo" })),
                called("play_music", json!({ "song": "Oslo" })),
            ),
            // Abstaining misses the expected pair, and is no call that could be invalid.
            (labelled("get_weather", json!({ "city": "Oslo" })), ranked(&["-"])),
            // No labels: only validity counts.
            (labelled("get_weather", json!(null)), called("get_weather", json!({}))),
        ],
    );
    let calls = report.calls.unwrap();
    assert_close(calls.call_exact, 1.0 / 4.0);
    assert_close(calls.argument_f1.unwrap(), 2.0 * 3.0 / (5.0 + 6.0));
    assert_close(calls.valid_calls.unwrap(), 3.0 / 4.0);
}

#[test]
fn reports_come_back_from_json() {
    let with_all = report(
        true,
        &[
            (instance(json!([])), ranked(&["-"])),
            (labelled("set_timer", json!({})), called("set_timer", json!({}))),
        ],
    );
    let without = report(false, &[(labelled("set_timer", json!(null)), ranked(&["set_timer"]))]);
    for report in [with_all, without] {
        let text = serde_json::to_string(&report).unwrap();
        assert!(text.contains("\"ndcg@1\""), "{text}");
        assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), report);
    }
}

#[test]
fn bm25_ranks_by_the_words_of_documents() {
    let tools = tools();
    let mut index = Bm25::new(&tools);
    assert_eq!(index.rank("a forecast for the city", 1), [0]);
    assert_eq!(index.rank("Play an ALBUM", 1), [2]);
    assert_eq!(index.rank("xyzzy", 5), [0, 1, 2], "without a shared word the order stays");
    let questions = [Instance { query: "play a song".into(), ..instance(json!([])) }];
    let report = evaluate_retriever(&mut index, &tools, &questions, |_, _| ()).unwrap();
    assert_close(report.abstention.unwrap().abstention_recall, 0.0);
}

#[test]
fn naive_bayes_ranks_by_the_words_of_questions() {
    let tools = tools();
    let train = [
        ("will it rain in Oslo", "get_weather"),
        ("will it snow", "get_weather"),
        ("wake me in ten minutes", "set_timer"),
    ]
    .map(|(query, name)| Instance { query: query.into(), ..labelled(name, json!(null)) });
    let model = NaiveBayes::train(&tools, &train, 1.0);
    // Nothing asked for music in training, so it comes last.
    assert_eq!(model.rank("wake me", 3), [1, 0, 2]);
    assert_eq!(model.rank("it will rain", 3), [0, 1, 2]);
    assert_eq!(model.rank("xyzzy", 2), [0, 1], "without a known word the more frequent is first");
    // 14 terms for the weather, 9 for the timer, 19 different ones; both have seen "in" once, and
    // 2/3 · 2/33 is more than 1/3 · 2/28.
    assert_eq!(model.rank("in", 1), [0]);
}

#[test]
fn probabilities_are_compared_with_what_was_right() {
    let sure =
        |names: &[&str], confidence| Prediction { confidence: Some(confidence), ..ranked(names) };
    let wanted = || labelled("set_timer", json!(null));
    let report = report(
        false,
        &[
            (wanted(), sure(&["set_timer"], 0.9375)), // right: 0.0625 too modest
            (wanted(), sure(&["play_music"], 0.625)), // wrong …
            (instance(json!([])), sure(&["-"], 0.625)), // … and right in the same bin: 0.125 too sure
            (instance(json!([])), ranked(&["-"])),      // no word of it
        ],
    );
    assert_close(report.calibration_error.unwrap(), (0.0625 + 2.0 * 0.125) / 3.0);
}
