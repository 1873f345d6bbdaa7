//! What earlier calls of a run gave, as values for the next one's arguments.

use serde_json::{Map, Value, json};

use crate::conversation::Question;
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
    /// label, and nothing else than that.
    pub fn bind(&self, schema: &mut Value, question: &Question) {
        if self.0.is_empty() {
            return;
        }
        for name in Grounding::new(question).lacking(schema) {
            let Some(property) = property(schema, &name) else { continue };
            let name = name.rsplit('.').next().unwrap_or_default();
            if let Some(value) = self.0.get(&plain(name)).filter(|value| fits(value, property)) {
                *property = json!({ "const": value });
            }
        }
    }
}

/// A property by its name, with the objects that it is in before it, apart by dots.
fn property<'a>(schema: &'a mut Value, path: &str) -> Option<&'a mut Value> {
    let properties = schema.get_mut("properties")?;
    match path.split_once('.').filter(|_| properties.get(path).is_none()) {
        Some((object, rest)) => property(properties.get_mut(object)?, rest),
        None => properties.get_mut(path),
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
        let bound = |answers: &Answers, question: &str| {
            let mut bound = schema.clone();
            answers.bind(&mut bound, &question.into());
            bound
        };
        let question = "the weather in Oslo";
        assert_eq!(bound(&answers, question), schema);

        answers
            .remember(r#"{"Latitude": 59.9, "days": 2.5, "body": {"latitude": 1, "day_s": "x"}}"#);
        let found = bound(&answers, question);
        assert_eq!(found["properties"]["days"], schema["properties"]["days"], "2.5 is not whole");
        assert_eq!(found["properties"]["latitude"], json!({ "const": 59.9 }));

        answers.0.insert("latitude".into(), json!(91));
        assert_eq!(bound(&answers, question), schema, "91 is past the pole");
        answers.0.insert("latitude".into(), json!(60));
        assert_eq!(bound(&answers, "5 days at 60 N"), schema, "the question says it");
    }
}
