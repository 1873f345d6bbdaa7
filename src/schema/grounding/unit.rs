//! The unit of time that a number is counted in, by what its schema says.

use serde_json::Value;

/// A unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    seconds: u32,
}

const UNITS: [(&str, u32); 5] =
    [("second", 1), ("minute", 60), ("hour", 3600), ("day", 86_400), ("week", 604_800)];
/// What names alone may say.
const SHORT: [(&str, u32); 6] =
    [("sec", 1), ("secs", 1), ("min", 60), ("mins", 60), ("hr", 3600), ("hrs", 3600)];

impl Unit {
    /// The unit that a property's name ends in, or else the first that its description has.
    pub fn of(name: &str, schema: &Value) -> Option<Self> {
        let own = words(name).last().and_then(|word| unit(word).or_else(|| short(word)));
        let description = schema.get("description").and_then(Value::as_str).unwrap_or_default();
        let seconds = own.or_else(|| words(description).iter().find_map(|word| unit(word)))?;
        Some(Self { seconds })
    }

    /// How many of it a length of time is.
    pub fn count(self, seconds: u64) -> f64 {
        seconds as f64 / f64::from(self.seconds)
    }
}

fn unit(word: &str) -> Option<u32> {
    let word = word.strip_suffix('s').unwrap_or(word);
    UNITS.iter().find(|(name, _)| *name == word).map(|(_, seconds)| *seconds)
}

fn short(word: &str) -> Option<u32> {
    SHORT.iter().find(|(name, _)| *name == word).map(|(_, seconds)| *seconds)
}

/// The words of a name in any style, or of a sentence, in small letters.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for c in text.chars() {
        if !c.is_alphanumeric() || c.is_uppercase() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn units_are_said_by_names_and_descriptions() {
        let of = |name, description| Unit::of(name, &json!({ "description": description }));
        let seconds = |name, description| of(name, description).map(|unit| unit.seconds);
        assert_eq!(seconds("durationMinutes", ""), Some(60));
        assert_eq!(seconds("delay_secs", "in minutes, no: seconds"), Some(1));
        assert_eq!(seconds("length", "How long, in hours"), Some(3600));
        assert_eq!(seconds("min_price", "at least"), None);
        assert_eq!(of("hours", "").unwrap().count(5400), 1.5);
    }
}
