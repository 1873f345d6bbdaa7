//! What earlier calls of a run gave, as values for the next one's arguments.

use serde_json::{Map, Value, json};

use crate::schema::Grounding;

/// Plain values of answers, by label.
#[derive(Default)]
pub(super) struct Answers(Map<String, Value>);

impl Answers {
    /// Keeps plain values of an answer under their labels, the outermost first.
    pub fn remember(&mut self, text: &str) {
        let Ok(Value::Object(answer)) = serde_json::from_str(text) else { return };
        let body = answer.get("body").and_then(Value::as_object).cloned().unwrap_or_default();
        for (label, value) in answer.into_iter().chain(body) {
            if value.is_number() || value.is_string() {
                self.0.entry(plain(&label)).or_insert(value);
            }
        }
    }

    /// Required arguments that `question` has no value for get that of an earlier answer with the same
    /// label, and nothing else than that. Returns those for which there is none either.
    pub fn bind(&self, schema: &mut Value, question: &Grounding) -> Vec<String> {
        let mut lacking = Vec::new();
        for name in question.lacking(schema) {
            let property = &mut schema["properties"][&name];
            match self.0.get(&plain(&name)).filter(|value| fits(value, property)) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_required_argument_comes_from_the_question_or_an_answer_or_is_asked_for() {
        let schema = json!({ "type": "object", "required": ["latitude", "days", "city"], "properties": {
            "latitude": { "type": "number", "minimum": -90, "maximum": 90 },
            "days": { "type": "integer" }, "city": { "type": "string" } } });
        let mut answers = Answers::default();
        let question = Grounding::new("the weather in Oslo");
        assert_eq!(answers.bind(&mut schema.clone(), &question), ["latitude", "days"]);

        answers
            .remember(r#"{"Latitude": 59.9, "days": 2.5, "body": {"latitude": 1, "day_s": "x"}}"#);
        let mut bound = schema.clone();
        assert_eq!(answers.bind(&mut bound, &question), ["days"], "2.5 is not an integer");
        assert_eq!(bound["properties"]["latitude"], json!({ "enum": [59.9] }));

        answers.0.insert("latitude".into(), json!(91));
        assert_eq!(answers.bind(&mut schema.clone(), &question), ["latitude", "days"]);
        assert!(answers.bind(&mut schema.clone(), &Grounding::new("5 days at 60 N")).is_empty());
    }
}
