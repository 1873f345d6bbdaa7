//! Conversations for training with PyTorch, on a data set of two tools.

use serde_json::json;
use toolgen::training::data::mixture::{Mixture, Source};
use toolgen::training::data::sharegpt;

/// Three questions: one call with arguments, two calls one of which has no labels, none.
fn source() -> Source {
    let folder = std::env::temp_dir().join(format!("toolgen-sharegpt-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = |name: &str| folder.join(name);
    let parameters = json!({ "type": "object",
        "properties": { "city": { "type": "string", "description": "Where." },
                        "days": { "type": "integer", "description": "How many days." } },
        "required": ["city"] });
    let tools = [
        json!({ "name": "weather", "description": "Says the weather. More.", "parameters": parameters }),
        json!({ "name": "news", "description": "Says what is new.", "parameters": { "type": "object" } }),
    ];
    let questions = [
        json!({ "query": "Rain in Bern for 3 days?", "calls": [
            { "name": "weather", "arguments": { "days": 3, "city": "Bern" } }] }),
        json!({ "query": "Weather and news", "calls": [
            { "name": "weather", "arguments": { "city": "Rome" } }, { "name": "news", "arguments": null }] }),
        json!({ "query": "Hello!", "calls": [] }),
    ];
    let lines = |values: &[serde_json::Value]| {
        values.iter().map(|value| format!("{value}\n")).collect::<String>()
    };
    std::fs::write(path("tools.jsonl"), lines(&tools)).unwrap();
    std::fs::write(path("questions.jsonl"), lines(&questions)).unwrap();
    let mixture = json!([{ "name": "tiny", "tools": path("tools.jsonl"),
        "questions": [path("questions.jsonl")], "weight": 1 }]);
    std::fs::write(path("mixture.json"), mixture.to_string()).unwrap();
    let mut mixture = Mixture::read(&path("mixture.json")).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    mixture.sources.remove(0)
}

/// Role, content and loss of each turn.
fn turns(conversation: &sharegpt::Conversation) -> Vec<(&str, &str, bool)> {
    let turns = conversation.conversations.iter();
    turns.map(|turn| (turn.role, turn.content.as_str(), turn.loss)).collect()
}

#[test]
fn conversations_of_the_three_stages() {
    let source = source();
    let tokens: Vec<String> = sharegpt::tokens(&source).collect();
    assert_eq!(tokens, ["<<tiny&&weather>>", "<<tiny&&news>>"]);

    let memorization: Vec<_> = sharegpt::memorization(&source).collect();
    assert_eq!(memorization.len(), 2);
    let document = "Tool weather: Says the weather. More. Parameters: city, days";
    let expected = [("user", document, false), ("assistant", "<<tiny&&weather>>", true)];
    assert_eq!(turns(&memorization[0]), expected);

    let retrieval: Vec<_> = sharegpt::retrieval(&source).collect();
    let said: Vec<&str> = retrieval.iter().map(|example| turns(example)[1].1).collect();
    assert_eq!(
        said,
        ["<<tiny&&weather>>", "<<tiny&&weather>>", "<<tiny&&news>>", sharegpt::ABSTAIN]
    );

    let agent: Vec<_> = sharegpt::agent(&source).collect();
    assert_eq!(agent.len(), 2, "a call without labels has no arguments to learn");
    let turns_of_call = turns(&agent[0]);
    let roles: Vec<&str> = turns_of_call.iter().map(|turn| turn.0).collect();
    assert_eq!(roles, ["system", "user", "assistant", "user", "assistant", "user", "assistant"]);
    let learned: Vec<&str> =
        turns_of_call.iter().filter(|turn| turn.2).map(|turn| turn.1).collect();
    let arguments = r#"{"city": "Bern", "days": 3}"#;
    assert_eq!(learned, ["<<tiny&&weather>>", arguments, sharegpt::FINISH]);
    assert!(turns_of_call[3].1.contains("weather: Says the weather."), "{}", turns_of_call[3].1);
    assert_eq!(turns(&agent[1]).last().unwrap().1, sharegpt::ABSTAIN);

    let json = serde_json::to_value(&agent[0]).unwrap();
    assert_eq!(json["conversations"][1]["role"], "user");
}
