//! What a stream remembers between the calls of a run.

use serde_json::{Map, Value, json};

use super::step::{ANSWERED, FAILED, Happened, Request, State, step};
use crate::schema::Grounding;
use crate::virtualization::Trie;

/// Longest observation that is read, in tokens.
pub(super) const MAX_OBSERVATION: usize = 256;

/// A run between two units of work.
pub(super) struct Run {
    state: Option<State>,
    /// The end of the last call's arguments, which the decoder has yet to read.
    pub unread: Vec<u32>,
    /// Tokens before them.
    pub base: usize,
    /// Whether the last call failed.
    failed: bool,
    /// What calls gave, by label.
    labels: Map<String, Value>,
}

impl Run {
    pub fn new(max_steps: usize) -> Self {
        Self {
            state: Some(State::new(max_steps)),
            unread: Vec::new(),
            base: 0,
            failed: false,
            labels: Map::new(),
        }
    }

    /// Takes the step.
    pub fn step(&mut self, happened: Happened) -> Request {
        if let Happened::Observed(text) = &happened {
            self.remember(text);
        }
        let state = self.state.take().unwrap_or_else(|| State::new(1));
        let (state, request) = step(state, happened);
        self.state = Some(state);
        if let Request::Read { failed, .. } = request {
            self.failed = failed;
        }
        request
    }

    /// What is read in the observation's place to see where the question leads without its text.
    pub fn placeholder(&self) -> &'static str {
        if self.failed { FAILED } else { ANSWERED }
    }

    /// Keeps plain values of an answer under their labels, the outermost first.
    fn remember(&mut self, text: &str) {
        let Ok(Value::Object(answer)) = serde_json::from_str(text) else { return };
        let body = answer.get("body").and_then(Value::as_object).cloned().unwrap_or_default();
        for (label, value) in answer.into_iter().chain(body) {
            if value.is_number() || value.is_string() {
                self.labels.entry(plain(&label)).or_insert(value);
            }
        }
    }

    /// Required arguments that `question` has no value for get that of an earlier answer with the same
    /// label, and nothing else than that. Returns those for which there is none either.
    pub fn bind(&self, schema: &mut Value, question: &Grounding) -> Vec<String> {
        let mut lacking = Vec::new();
        for name in question.lacking(schema) {
            let property = &mut schema["properties"][&name];
            match self.labels.get(&plain(&name)).filter(|value| fits(value, property)) {
                Some(value) => *property = json!({ "enum": [value] }),
                None => lacking.push(name),
            }
        }
        lacking
    }
}

/// `stationId`, `station_id` and `station-id` are one label.
fn plain(label: &str) -> String {
    label.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn fits(value: &Value, schema: &Value) -> bool {
    let bound = |keyword: &str| schema.get(keyword).and_then(Value::as_f64);
    match schema.get("type").and_then(Value::as_str) {
        Some(kind @ ("number" | "integer")) => value.as_f64().is_some_and(|number| {
            bound("minimum").is_none_or(|least| number >= least)
                && bound("maximum").is_none_or(|most| number <= most)
                && (kind == "number" || number.fract() == 0.0)
        }),
        // A text with a form of its own can't be checked here.
        _ => false,
    }
}

/// The tools among which a stream chooses.
pub(super) struct Choice {
    /// All when absent.
    pub among: Option<Trie>,
    /// Length of rankings.
    pub top_k: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_required_argument_comes_from_the_question_or_an_answer_or_is_asked_for() {
        let schema = json!({ "type": "object", "required": ["latitude", "days", "city"], "properties": {
            "latitude": { "type": "number", "minimum": -90, "maximum": 90 },
            "days": { "type": "integer" }, "city": { "type": "string" } } });
        let mut run = Run::new(3);
        let question = Grounding::new("the weather in Oslo");
        assert_eq!(run.bind(&mut schema.clone(), &question), ["latitude", "days"]);

        run.remember(r#"{"Latitude": 59.9, "days": 2.5, "body": {"latitude": 1, "day_s": "x"}}"#);
        let mut bound = schema.clone();
        assert_eq!(run.bind(&mut bound, &question), ["days"], "2.5 is no integer");
        assert_eq!(bound["properties"]["latitude"], json!({ "enum": [59.9] }));

        run.labels.insert("latitude".into(), json!(91));
        assert_eq!(run.bind(&mut schema.clone(), &question), ["latitude", "days"]);
        assert!(run.bind(&mut schema.clone(), &Grounding::new("5 days at 60 N")).is_empty());
    }
}
