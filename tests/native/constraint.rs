//! The constraint over random schemas, and random choices in a model's place: whatever is written is valid by an
//! independent validator, whatever is valid can be written, and narrowing only ever narrows.
//!
//! `SCHEMAS=10000 SCHEMAS_SEED=1 cargo test --release --test native constraint -- --nocapture` draws that many from that seed.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use jsonschema::Validator;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use regex::Regex;
use serde_json::{Value, json};
use toolgen::conversation::Question;
use toolgen::prompt::spaced_json;
use toolgen::schema::{Grounding, digits, flattened, narrow, not_said};

use super::random_schemas::{Choices, Field, QUESTION, parameters};
use super::writer::Writer;

fn environment(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().expect("a whole number"))
}

/// Runs a property on random schemas; a failure names the seed and the smallest schema that fails.
fn on_random_schemas(property: impl Fn(Field, u64, &Tally) -> Result<(), TestCaseError>) -> Tally {
    let (cases, seed) = (environment("SCHEMAS", 300), environment("SCHEMAS_SEED", 1));
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let config = Config { cases: cases as u32, failure_persistence: None, ..Config::default() };
    let tally = Tally::default();
    let drawn = (prop::collection::vec(any::<u8>(), 0..160), any::<u64>());
    let result = TestRunner::new_with_rng(config, rng).run(&drawn, |(bytes, logits)| {
        property(parameters(&mut Choices::new(&bytes)), logits, &tally)
    });
    eprintln!("{cases} schemas of seed {seed}: {:?}", tally.0.borrow());
    if let Err(error) = result {
        panic!("SCHEMAS={cases} SCHEMAS_SEED={seed}: {error}");
    }
    tally
}

/// How often something happened.
#[derive(Default)]
struct Tally(RefCell<BTreeMap<&'static str, usize>>);

impl Tally {
    fn add(&self, what: &'static str) {
        *self.0.borrow_mut().entry(what).or_default() += 1;
    }

    fn of(&self, what: &str) -> usize {
        self.0.borrow().get(what).copied().unwrap_or_default()
    }
}

/// The validator of a schema; none where it is no schema.
fn validator(schema: &Value) -> Option<Validator> {
    jsonschema::options().should_validate_formats(true).build(schema).ok()
}

/// Asked where times have an offset, without which none is a `date-time`.
fn question() -> Question {
    let offsets = [["2026-01-01T00:00", "+02:00"]];
    let question = json!({ "text": QUESTION, "now": "2026-05-01T09:00", "offsets": offsets });
    serde_json::from_value(question).unwrap()
}

#[test]
fn whatever_is_written_is_valid() {
    let writer = Writer::new();
    let tally = on_random_schemas(|Field { schema, .. }, logits, tally| {
        let Some(valid) = validator(&any_of(&schema)) else {
            tally.add("no schema");
            return Ok(());
        };
        let Ok(flat) = flattened(&schema) else {
            tally.add("refused");
            return Ok(());
        };
        let plain = Grounding::new(&question());
        let asking = Grounding::new(&question()).with_not_said(true);
        for grounding in [None, Some(&plain), Some(&asking)] {
            let Some(text) = writer.write_anything(&schema, grounding, logits) else {
                tally.add("refused");
                continue;
            };
            let text = text.map_err(TestCaseError::fail)?;
            let Ok(mut arguments) = digits::parse(&text, &flat) else {
                tally.add("number too long");
                continue;
            };
            let mut lacks = Vec::new();
            if let (Some(_), Value::Object(arguments)) = (grounding, &mut arguments) {
                lacks = not_said::take(arguments, &flat);
            }
            if !lacks.is_empty() {
                tally.add("asked for");
                continue;
            }
            tally.add("written");
            prop_assert!(
                valid.is_valid(&arguments),
                "{arguments} does not satisfy {schema}\nwritten: {text}\nflat: {flat}"
            );
        }
        Ok(())
    });
    assert!(tally.of("written") > tally.of("refused"), "most schemas are held");
    assert!(tally.of("number too long") * 50 < tally.of("written"), "most numbers can be read");
}

#[test]
fn whatever_is_valid_can_be_written() {
    let writer = Writer::new();
    let tally = on_random_schemas(|Field { schema, mut value }, _, tally| {
        let Some(valid) = validator(&schema) else { return Ok(()) };
        // Where a condition can't be told from its opposite, what follows from both is held.
        let has_condition = schema.to_string().contains("\"if\"");
        // A list of what nothing satisfies can't be written, though an empty one is valid.
        let has_empty_list = value.to_string().contains("[]");
        // Of multiples the grammar writes none below 0.
        let has_negative_multiple =
            schema.to_string().contains("multipleOf") && value.to_string().contains(":-");
        let is_out = has_condition || has_empty_list || has_negative_multiple;
        if is_out || !writer.holds(&schema) || !valid.is_valid(&value) {
            tally.add("skipped");
            return Ok(());
        }
        tally.add("valid");
        digits::spell(&mut value);
        let text = spaced_json(&value);
        // Multiples of 0.25 are written with two decimals, those of 1e-9 with nine.
        let can_write =
            (0..10).any(|zeros| writer.can_write(&schema, None, &with_zeros(&text, zeros)));
        prop_assert!(can_write, "{text} is lost under {schema}");
        Ok(())
    });
    assert!(tally.of("valid") * 2 > tally.of("skipped"), "enough values are valid");
}

/// With zeros after each decimal fraction, which are the same numbers.
fn with_zeros(json: &str, zeros: usize) -> String {
    static FRACTION: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(\.\d+)([,}\]])").unwrap());
    FRACTION.replace_all(json, format!("${{1}}{}${{2}}", "0".repeat(zeros))).into_owned()
}

#[test]
fn narrowing_only_narrows() {
    let writer = Writer::new();
    let tally = on_random_schemas(|Field { schema, .. }, logits, tally| {
        let Some(valid) = validator(&left_to_services(&any_of(&schema), &[])) else {
            return Ok(());
        };
        let Ok((narrowed, _)) = narrow(&schema) else {
            tally.add("refused");
            return Ok(());
        };
        let Some(text) = writer.write_anything(&narrowed, None, logits) else {
            tally.add("not held");
            return Ok(());
        };
        let text = text.map_err(TestCaseError::fail)?;
        let arguments = digits::parse(&text, &narrowed).map_err(TestCaseError::fail)?;
        tally.add("written");
        prop_assert!(
            valid.is_valid(&arguments),
            "{arguments} does not satisfy {schema}\nnarrowed: {narrowed}"
        );
        Ok(())
    });
    assert!(tally.of("written") > tally.of("refused"), "most schemas can be narrowed");
}

/// A schema with `anyOf` for `oneOf`, as it is taken: mostly that is meant, and objects that are open overlap.
fn any_of(schema: &Value) -> Value {
    match schema {
        Value::Object(object) => {
            let both = object.contains_key("oneOf") && object.contains_key("anyOf");
            let entry = |(keyword, value): (&String, &Value)| match keyword.as_str() {
                "oneOf" if both => ("allOf".to_owned(), json!([{ "anyOf": any_of(value) }])),
                "oneOf" => ("anyOf".to_owned(), any_of(value)),
                _ => (keyword.clone(), any_of(value)),
            };
            object.iter().map(entry).collect()
        }
        Value::Array(parts) => parts.iter().map(any_of).collect(),
        other => other.clone(),
    }
}

/// A schema without what `narrow` leaves to those who take the arguments, as its documentation has it. `whole` are the
/// schemas that it is an `allOf`'s part of.
fn left_to_services<'a>(schema: &'a Value, whole: &[&'a Value]) -> Value {
    let Some(object) = schema.as_object() else { return schema.clone() };
    let whole = [whole, &[schema]].concat();
    let is_needed = |name: &Value| {
        let name = name.as_str().unwrap_or_default();
        !whole.iter().any(|schema| properties(schema, name).any(has_default))
    };
    let each = |list: &'a Vec<Value>, whole: &[&'a Value]| -> Value {
        list.iter().map(|part| left_to_services(part, whole)).collect()
    };
    let mut kept = serde_json::Map::new();
    for (keyword, value) in object {
        let value = match (keyword.as_str(), value) {
            ("uniqueItems" | "pattern" | "format" | "minLength" | "maxLength", _) => continue,
            ("multipleOf", step) if step.as_f64().is_some_and(|step| step < 1e-6) => continue,
            ("required", Value::Array(names)) => {
                names.iter().filter(|name| is_needed(name)).cloned().collect()
            }
            ("properties" | "patternProperties" | "$defs", Value::Object(parts)) => {
                let part = |(name, part): (&String, &'a Value)| {
                    (name.clone(), left_to_services(part, &[]))
                };
                parts.iter().map(part).collect()
            }
            ("allOf", Value::Array(parts)) => each(parts, &whole),
            ("enum", values) => values.clone(),
            (_, Value::Array(parts)) => each(parts, &[]),
            (_, part) => left_to_services(part, &[]),
        };
        kept.insert(keyword.clone(), value);
    }
    kept.into()
}

/// What a schema and its parts and alternatives say of a property.
fn properties<'a>(schema: &'a Value, name: &'a str) -> Box<dyn Iterator<Item = &'a Value> + 'a> {
    let own = schema.get("properties").and_then(|all| all.get(name));
    Box::new(own.into_iter().chain(parts(schema).flat_map(move |part| properties(part, name))))
}

/// Whether a schema has a default, be it in a part or an alternative.
fn has_default(schema: &Value) -> bool {
    schema.get("default").is_some() || parts(schema).any(has_default)
}

fn parts(schema: &Value) -> impl Iterator<Item = &Value> {
    let list = |keyword: &str| schema.get(keyword)?.as_array();
    ["allOf", "anyOf", "oneOf"].into_iter().filter_map(list).flatten()
}
