//! Argument values from the question's own words.
//!
//! What people want done is in what they say: more than 99 % of the catalogue's labelled calls can be
//! written with values of their questions. A small model that was not trained on a tool
//! copies badly (Budapest becomes the Bergen of an example), so before arguments are generated the
//! schema is narrowed, never widened: a free text must be a span of the question, a number one of its
//! numbers, a date one that it names. A text with a `pattern` that a span of the question has must be such a
//! span, unless the pattern is one of codes ("Germany" is `DE`) or of a notation ("half" is `1/2`). Other
//! forms than the question's stay as they are.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use regex::RegexBuilder;

use super::dates::dates;
use super::number_words::number_words;

/// Longest span, in words, that may begin and end anywhere.
const MAX_WORDS: usize = 8;
/// Largest pattern that is compiled, in bytes of its program.
const MAX_PATTERN: usize = 1 << 18;

/// What a question offers as values.
pub struct Grounding {
    spans: BTreeSet<String>,
    numbers: Vec<f64>,
    dates: Vec<String>,
    /// How many words there are, parts of words between slashes, dashes and commas counted.
    words: u64,
}

impl Grounding {
    /// Collects the spans and numbers of `question`.
    pub fn new(question: &str) -> Self {
        Self {
            spans: spans(question),
            numbers: numbers(question),
            dates: dates(question),
            words: words(question, is_separator).len() as u64,
        }
    }

    /// Narrows the properties of an object schema to what the question offers. A property for which it offers
    /// nothing stays open if it is required, and is left out if it is optional: a question without a number or
    /// a date asks for none.
    pub fn narrow(&self, schema: &mut Value) {
        let required = schema.get("required").cloned().unwrap_or_default();
        let is_required =
            |name: &str| required.as_array().is_some_and(|names| names.iter().any(|n| n == name));
        let Some(Value::Object(properties)) = schema.get_mut("properties") else { return };
        properties.retain(|name, property| self.narrow_value(property) || is_required(name));
    }

    /// The required properties of an object schema whose value can only be the question's, and that it has
    /// none for: numbers, dates and names of a pattern. Any text of a question may be a free text.
    pub fn lacking(&self, schema: &Value) -> Vec<String> {
        let names = schema.get("required").and_then(Value::as_array);
        let lacks = |name: &&str| {
            let Some(property) = schema.get("properties").and_then(|all| all.get(*name)) else {
                return false;
            };
            let is_open = property.get("default").is_none();
            let is_own = is_free_number(property)
                || property.get("format").is_some_and(|format| format == "date")
                || literal_pattern(property).is_some();
            is_open && is_own && self.values(property).is_some_and(|values| values.is_empty())
        };
        let names = names.into_iter().flatten().filter_map(Value::as_str);
        names.filter(lacks).map(str::to_owned).collect()
    }

    /// Whether something is left to choose: false, and `schema` as it was, when the question offers nothing for it.
    fn narrow_value(&self, schema: &mut Value) -> bool {
        if let Some(items) = schema.get_mut("items") {
            let offered = self.narrow_value(items);
            // A list of the question's values is no longer than the question; without a bound, a model that
            // has begun to repeat itself goes on until its tokens are spent.
            let most = schema.get("maxItems").and_then(Value::as_u64).unwrap_or(u64::MAX);
            let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0);
            if schema["items"].get("enum").is_some() {
                schema["maxItems"] = json!(most.min(self.words).max(least));
            }
            return offered;
        }
        let Some(values) = self.values(schema) else { return true };
        let offered = !values.is_empty();
        if offered {
            *schema = json!({ "enum": values });
        }
        offered
    }

    /// What the question offers for a value; `None` where its form isn't the question's.
    fn values(&self, schema: &Value) -> Option<Vec<Value>> {
        if is_free_number(schema) {
            Some(self.numbers_within(schema))
        } else if is_free_text(schema) {
            Some(self.spans_within(schema))
        } else if schema.get("format").is_some_and(|format| format == "date") {
            Some(self.dates.iter().map(|date| json!(date)).collect())
        } else {
            literal_pattern(schema).map(|pattern| self.spans_like(pattern, schema))
        }
    }

    /// Spans that have the pattern.
    fn spans_like(&self, pattern: &str, schema: &Value) -> Vec<Value> {
        let Ok(pattern) = RegexBuilder::new(pattern).size_limit(MAX_PATTERN).build() else {
            return Vec::new();
        };
        let mut spans = self.spans_within(schema);
        spans.retain(|span| span.as_str().is_some_and(|span| pattern.is_match(span)));
        spans
    }

    fn spans_within(&self, schema: &Value) -> Vec<Value> {
        let bound = |keyword: &str| schema.get(keyword).and_then(Value::as_u64);
        let (least, most) =
            (bound("minLength").unwrap_or(1), bound("maxLength").unwrap_or(u64::MAX));
        let fits = |span: &&String| (least..=most).contains(&(span.chars().count() as u64));
        self.spans.iter().filter(fits).map(|span| json!(span)).collect()
    }

    fn numbers_within(&self, schema: &Value) -> Vec<Value> {
        let bound = |keyword: &str, default: f64| {
            schema.get(keyword).and_then(Value::as_f64).unwrap_or(default)
        };
        let (least, most) = (bound("minimum", f64::NEG_INFINITY), bound("maximum", f64::INFINITY));
        let whole = schema.get("type").is_some_and(|kind| kind == "integer");
        // "100 days before" is −100 where a tool takes negative numbers; "−8" is no 8 there.
        let readings = |number: &f64| match (least < 0.0, *number < 0.0) {
            (false, _) => vec![number.abs()],
            (true, true) => vec![*number],
            (true, false) => vec![*number, -number],
        };
        let mut values: Vec<Value> = Vec::new();
        for value in self.numbers.iter().flat_map(readings) {
            if !(least..=most).contains(&value) || whole && value.fract() != 0.0 {
                continue;
            }
            let value = if value.fract() == 0.0 && value.abs() < 1e15 {
                json!(value as i64)
            } else {
                json!(value)
            };
            if !values.contains(&value) {
                values.push(value);
            }
        }
        values
    }
}

fn has_own_form(schema: &Map<String, Value>) -> bool {
    [
        "enum",
        "const",
        "pattern",
        "format",
        "anyOf",
        "oneOf",
        "multipleOf",
        "exclusiveMinimum",
        "exclusiveMaximum",
    ]
    .iter()
    .any(|keyword| schema.contains_key(*keyword))
}

/// The pattern of a text that stands in the question as it is: a run of characters of any length, digits or small
/// letters among them. Codes are in capitals or of a fixed length, notations have alternatives, options or spaces.
fn literal_pattern(schema: &Value) -> Option<&str> {
    let object = schema.as_object()?;
    let others = ["enum", "const", "format", "anyOf", "oneOf"];
    if others.iter().any(|keyword| object.contains_key(*keyword)) {
        return None;
    }
    let pattern = object.get("pattern")?.as_str()?;
    let count = pattern.rsplit_once('{').map_or("", |(_, count)| count);
    let is_run = !pattern.contains(['|', ' '])
        && !pattern.contains(")?")
        && (pattern.ends_with("+$") || pattern.ends_with("}$") && count.contains(','));
    (is_run && (pattern.contains("0-9") || pattern.contains("a-z"))).then_some(pattern)
}

fn is_free_text(schema: &Value) -> bool {
    schema.as_object().is_some_and(|schema| {
        schema.get("type").is_some_and(|kind| kind == "string") && !has_own_form(schema)
    })
}

fn is_free_number(schema: &Value) -> bool {
    let is_number = |kind: &Value| kind == "number" || kind == "integer";
    schema
        .as_object()
        .is_some_and(|schema| schema.get("type").is_some_and(is_number) && !has_own_form(schema))
}

/// Runs of words: short ones anywhere, long ones to the question's end or between quotation marks and
/// colons. Each as it stands and without the punctuation around it. Words are what stands between spaces, and
/// once more what stands between slashes, dashes and commas too.
fn spans(question: &str) -> BTreeSet<String> {
    let mut spans = BTreeSet::new();
    let separators: [fn(char) -> bool; 2] =
        [char::is_whitespace, |c| c.is_whitespace() || matches!(c, '/' | '–' | '—' | ',')];
    for is_separator in separators {
        let words = words(question, is_separator);
        for (index, &(from, _)) in words.iter().enumerate() {
            let ends = words[index..].iter().take(MAX_WORDS).chain(words.last());
            ends.for_each(|&(_, to)| add_forms(&question[from..to], &mut spans));
        }
    }
    let is_delimiter = |c: char| {
        matches!(
            c,
            '"' | '“' | '”' | '\'' | '‘' | '’' | ':' | '`' | '«' | '»' | '(' | ')' | ',' | ';'
        )
    };
    let edges: Vec<usize> = question
        .match_indices(is_delimiter)
        .map(|(at, _)| at)
        .chain([question.len()])
        .take(40)
        .collect();
    for (index, &from) in edges.iter().enumerate() {
        let inside = from + question[from..].chars().next().map_or(0, char::len_utf8);
        edges[index..].iter().filter(|&&to| to > inside).for_each(|&to| {
            let span = question[inside..to].trim();
            if !span.is_empty() {
                spans.insert(span.to_owned());
            }
        });
    }
    spans
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '/' | '–' | '—' | ',')
}

/// Byte ranges of what stands between separators.
fn words(text: &str, is_separator: fn(char) -> bool) -> Vec<(usize, usize)> {
    let start = |piece: &str| piece.as_ptr() as usize - text.as_ptr() as usize;
    let pieces = text.split(is_separator).filter(|piece| !piece.is_empty());
    pieces.map(|piece| (start(piece), start(piece) + piece.len())).collect()
}

fn add_forms(span: &str, spans: &mut BTreeSet<String>) {
    let bare = span.trim_matches(|c: char| !c.is_alphanumeric());
    let owner = bare.strip_suffix("'s").or_else(|| bare.strip_suffix("’s")).unwrap_or(bare);
    for form in [span, bare, owner, span.trim_end_matches(['.', ',', '?', '!', ';', ':'])] {
        if !form.is_empty() {
            spans.insert(form.to_owned());
        }
    }
}

/// The numbers of a text: digits with an optional fraction, thousands apart by commas or not, after a sign that
/// begins a word or without one; and words.
fn numbers(text: &str) -> Vec<f64> {
    let mut found = Vec::new();
    let is_part = |c: char| c.is_ascii_digit() || c == '.' || c == ',';
    let mut end = 0;
    while let Some(start) = text[end..].find(is_part).map(|at| end + at) {
        let mut back = text[..start].chars().rev();
        let is_negative = back.next().is_some_and(|sign| matches!(sign, '-' | '−'))
            && back.next().is_none_or(|c| c.is_whitespace() || matches!(c, '(' | ','));
        end = text[start..].find(|c| !is_part(c)).map_or(text.len(), |at| start + at);
        let digits = text[start..end].trim_matches(['.', ',']);
        let readings =
            [digits.replace(',', "")].into_iter().chain(digits.split(',').map(str::to_owned));
        let value = |reading: String| reading.parse::<f64>().ok();
        found.extend(readings.filter_map(value).map(|x| if is_negative { -x } else { x }));
    }
    found.extend(number_words(text));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn narrowed(question: &str, mut schema: Value) -> Value {
        Grounding::new(question).narrow(&mut schema);
        schema["properties"].take()
    }

    #[test]
    fn texts_are_spans_of_the_question() {
        let city = json!({ "properties": { "city": { "type": "string", "maxLength": 12 } }, "required": ["city"] });
        let values =
            narrowed("Is New York's weather (or Zürich’s) ok?", city)["city"]["enum"].take();
        for expected in ["New York", "York", "Zürich", "ok", "ok?"] {
            assert!(
                values.as_array().unwrap().contains(&json!(expected)),
                "{expected} is not in {values}"
            );
        }
        assert!(
            values
                .as_array()
                .unwrap()
                .iter()
                .all(|value| value.as_str().unwrap().chars().count() <= 12)
        );
    }

    #[test]
    fn long_texts_are_found_between_marks() {
        let text = json!({ "properties": { "text": { "type": "string", "maxLength": 400 } }, "required": ["text"] });
        let long = "one two three four five six seven eight nine ten, eleven twelve";
        for question in [
            format!("Reverse \"{long}\" please"),
            format!("reverse: {long}"),
            format!("reverse {long}"),
        ] {
            let values = narrowed(&question, text.clone())["text"]["enum"].take();
            assert!(values.as_array().unwrap().contains(&json!(long)), "{question}");
        }
    }

    #[test]
    fn numbers_are_the_questions_and_within_bounds() {
        let schema = json!({ "properties": {
            "total": { "type": "number", "minimum": 0 },
            "people": { "type": "integer", "minimum": 1, "maximum": 20 },
            "days": { "type": "integer", "minimum": -50 } }, "required": ["total"] });
        let found = narrowed("split 1,064.50 between three, 18% tip", schema.clone());
        assert_eq!(found["total"]["enum"], json!([1064.5, 1, 64.5, 18, 3]));
        assert_eq!(found["people"]["enum"], json!([1, 18, 3]));
        assert_eq!(found["days"]["enum"], json!([1, -1, 18, -18, 3, -3]));
        // Without a number in the question the required one stays open, the optional ones go.
        assert_eq!(
            narrowed("split the bill", schema.clone()),
            json!({ "total": { "type": "number", "minimum": 0 } })
        );
        // So does one whose bounds none of the question's numbers keeps.
        assert!(narrowed("split 90 evenly", schema).get("people").is_none());
    }

    #[test]
    fn a_list_is_no_longer_than_the_question() {
        let list = json!({ "properties": { "items": { "type": "array", "maxItems": 50, "items": { "type": "string" } } } });
        assert_eq!(narrowed("sort fig,plum, kiwi", list)["items"]["maxItems"], 4);
    }

    #[test]
    fn a_sign_before_a_number_is_its_own() {
        let schema = json!({ "properties": {
            "temperature": { "type": "number", "minimum": -90 }, "wind": { "type": "number", "minimum": 0 } } });
        let found = narrowed("-8 C, wind 20-30 km/h", schema);
        assert_eq!(found["temperature"]["enum"], json!([-8, 20, -20, 30, -30]));
        assert_eq!(found["wind"]["enum"], json!([8, 20, 30]));
    }

    #[test]
    fn dates_and_names_are_the_questions() {
        let schema = json!({ "properties": {
            "date": { "type": "string", "format": "date" },
            "owner": { "type": "string", "pattern": "^[A-Za-z0-9-]{1,39}$" },
            "domain": { "type": "string", "pattern": "^[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+$" },
            "month": { "type": "string", "pattern": "^[0-9]{2}$" } } });
        let found =
            narrowed("commits to rust-lang/cargo (crates.io) on 3 May 2024", schema.clone());
        assert_eq!(found["domain"]["enum"], json!(["crates.io"]));
        assert_eq!(found["date"]["enum"], json!(["2024-05-03"]));
        let owners = found["owner"]["enum"].as_array().unwrap();
        assert!(
            owners.contains(&json!("rust-lang")) && !owners.contains(&json!("rust-lang/cargo"))
        );
        assert_eq!(found["month"], schema["properties"]["month"]);
    }

    #[test]
    fn what_a_question_lacks_is_named() {
        let schema = json!({ "required": ["total", "date", "owner", "text", "unit", "count"], "properties": {
            "total": { "type": "number" }, "date": { "type": "string", "format": "date" },
            "owner": { "type": "string", "pattern": "^[0-9]{1,9}$" }, "text": { "type": "string" },
            "unit": { "enum": ["km"] }, "count": { "type": "integer", "default": 1 }, "more": { "type": "number" } } });
        let lacking = |question: &str| Grounding::new(question).lacking(&schema);
        assert_eq!(lacking("split the bill"), ["total", "date", "owner"]);
        assert_eq!(lacking("split 20 on 2024-05-03 with 7"), [""; 0]);
        assert!(Grounding::new("x").lacking(&json!({ "required": ["a"] })).is_empty());
    }

    #[test]
    fn other_forms_stay() {
        let schema = json!({ "required": ["date"], "properties": {
            "unit": { "enum": ["km"] }, "date": { "type": "string", "format": "date" },
            "code": { "type": "string", "pattern": "^[A-Z]{2}$" } } });
        assert_eq!(narrowed("in 3 km", schema.clone()), schema["properties"]);
    }
}
