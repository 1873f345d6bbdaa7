//! Units, which numbers are counted in: by what a property's schema says, and by what stands behind a number.

use serde_json::Value;

/// What a unit measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dimension {
    /// In seconds.
    Time,
    /// In metres.
    Length,
    /// In grams.
    Mass,
    /// In litres.
    Volume,
}

use Dimension::{Length, Mass, Time, Volume};

/// A unit: what it measures, and how much of it it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Unit {
    pub dimension: Dimension,
    size: f64,
}

/// A twelfth of 365 days.
const MONTH: f64 = 2_628_000.0;

/// Names that are nothing but units, in the singular.
const UNITS: [(&str, Dimension, f64); 29] = [
    ("millisecond", Time, 1e-3),
    ("second", Time, 1.0),
    ("minute", Time, 60.0),
    ("hour", Time, 3600.0),
    ("day", Time, 86_400.0),
    ("night", Time, 86_400.0),
    ("week", Time, 604_800.0),
    ("month", Time, MONTH),
    ("year", Time, 12.0 * MONTH),
    ("millimetre", Length, 1e-3),
    ("mm", Length, 1e-3),
    ("centimetre", Length, 1e-2),
    ("cm", Length, 1e-2),
    ("metre", Length, 1.0),
    ("kilometre", Length, 1e3),
    ("km", Length, 1e3),
    ("inch", Length, 0.0254),
    ("mile", Length, 1609.344),
    ("milligram", Mass, 1e-3),
    ("mg", Mass, 1e-3),
    ("gram", Mass, 1.0),
    ("kilogram", Mass, 1e3),
    ("kilo", Mass, 1e3),
    ("kg", Mass, 1e3),
    ("pound", Mass, 453.592_37),
    ("ounce", Mass, 28.349_523_125),
    ("millilitre", Volume, 1e-3),
    ("ml", Volume, 1e-3),
    ("litre", Volume, 1.0),
];
/// What else the end of a property's name says, or stands behind digits.
const SHORT: [(&str, Dimension, f64); 14] = [
    ("ms", Time, 1e-3),
    ("sec", Time, 1.0),
    ("min", Time, 60.0),
    ("hr", Time, 3600.0),
    ("m", Length, 1.0),
    ("feet", Length, 0.3048),
    ("foot", Length, 0.3048),
    ("ft", Length, 0.3048),
    ("inches", Length, 0.0254),
    ("g", Mass, 1.0),
    ("lb", Mass, 453.592_37),
    ("oz", Mass, 28.349_523_125),
    ("cl", Volume, 1e-2),
    ("l", Volume, 1.0),
];

impl Unit {
    /// The unit that a property's name ends in or has, or else the first that its description has.
    pub fn of(name: &str, schema: &Value) -> Option<Self> {
        let name = words(name);
        let own = name.last().and_then(|word| Self::behind_a_number(word));
        let own = own.or_else(|| name.iter().find_map(|word| Self::named(word)));
        let description = schema.get("description").and_then(Value::as_str).unwrap_or_default();
        own.or_else(|| words(description).iter().find_map(|word| Self::named(word)))
    }

    /// The unit that a word behind a number names.
    pub fn behind_a_number(word: &str) -> Option<Self> {
        Self::named(word).or_else(|| Self::find(&SHORT, word))
    }

    fn named(word: &str) -> Option<Self> {
        // American spelling.
        let british = ["meter", "liter"].iter().find_map(|end| {
            let word = word.strip_suffix('s').unwrap_or(word);
            Some(format!("{}{}re", word.strip_suffix(end)?, &end[..end.len() - 2]))
        });
        Self::find(&UNITS, british.as_deref().unwrap_or(word))
    }

    fn find(units: &[(&str, Dimension, f64)], word: &str) -> Option<Self> {
        let one = word.strip_suffix('s');
        let found = units.iter().find(|(name, ..)| *name == word || Some(*name) == one);
        found.map(|&(_, dimension, size)| Self { dimension, size })
    }

    /// How much so many are, in what the dimension is measured in.
    pub fn amount(self, count: f64) -> f64 {
        count * self.size
    }

    /// How many of it an amount is.
    pub fn count(self, amount: f64) -> f64 {
        let count = amount / self.size;
        // Months are not of one length, and a float is not exact.
        let is_whole =
            self.dimension == Time && self.size >= MONTH && (count - count.round()).abs() < 0.1;
        if is_whole { count.round() } else { (count * 1e6).round() / 1e6 }
    }
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
        let size = |name, description| of(name, description).map(|unit| unit.size);
        assert_eq!(size("durationMinutes", ""), Some(60.0));
        assert_eq!(size("delay_secs", "in minutes, no: seconds"), Some(1.0));
        assert_eq!(size("length", "How long, in hours"), Some(3600.0));
        assert_eq!(size("daysBefore", ""), Some(86_400.0));
        assert_eq!(size("radius_m", ""), Some(1.0));
        assert_eq!(size("width", "In centimeters"), Some(0.01));
        assert_eq!(size("min_price", "at least"), None);
        assert_eq!(of("hours", "").unwrap().count(5400.0), 1.5);
        assert_eq!(of("months", "").unwrap().count(2.0 * 365.0 * 86_400.0), 24.0);
        assert_eq!(of("mm", "").unwrap().count(0.06), 60.0);
    }
}
