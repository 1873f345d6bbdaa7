//! Answers of calls that nobody makes in training.

use rand::Rng;
use rand::rngs::StdRng;
use serde_json::{Value, json};

use crate::tool::Tool;

/// Something like what a call of the tool would give: the agent must learn that an answer came, not what
/// it says.
pub fn imagined_answer(tool: &Tool, random: &mut StdRng) -> String {
    const WORDS: [&str; 8] =
        ["clear", "open", "London", "2024-05-01", "yes", "A short text.", "blue", "none"];
    let mut value = || match random.random_range(0..3) {
        0 => json!(WORDS[random.random_range(0..WORDS.len())]),
        1 => json!(random.random_range(0..5000)),
        _ => json!(f64::from(random.random_range(0..9999u32)) / 100.0),
    };
    let labels = tool.http.as_ref().map(|http| http.result.keys().take(3).cloned().collect());
    let labels: Vec<String> =
        labels.filter(|labels: &Vec<_>| !labels.is_empty()).unwrap_or(vec!["result".into()]);
    let answer: serde_json::Map<String, Value> =
        labels.into_iter().map(|label| (label, value())).collect();
    Value::Object(answer).to_string()
}
