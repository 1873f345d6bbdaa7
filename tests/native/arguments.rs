//! The argument grammar against an independent JSON Schema validator.

use crate::common;
use proptest::prelude::*;
use serde_json::{Value, json};
use toolgen::backend::cpu::Cpu;
use toolgen::generation::{ArgumentConstraint, Grammar};
use toolgen::tokenizer::Tokenizer;
use toolgen::tool::Tool;

fn tool(parameters: Value) -> Tool {
    Tool {
        name: "test".into(),
        description: String::new(),
        parameters,
        http: None,
        annotations: Default::default(),
    }
}

fn tokenizer() -> Tokenizer {
    common::read(Cpu, &common::tiny(), 1 << 20).unwrap().tokenizer
}

fn schemas() -> Vec<Value> {
    vec![
        json!({ "type": "object", "properties": {}, "additionalProperties": false }),
        json!({ "type": "object", "properties": { "n": { "type": "integer", "minimum": -5, "maximum": 120 } },
                "required": ["n"], "additionalProperties": false }),
        json!({ "type": "object", "properties": {
                "city": { "type": "string", "maxLength": 8 },
                "unit": { "enum": ["metric", "imperial"] },
                "days": { "type": "integer", "minimum": 1, "maximum": 7 } },
                "required": ["city"], "additionalProperties": false }),
        json!({ "type": "object", "properties": {
                "date": { "type": "string", "format": "date" },
                "code": { "type": "string", "pattern": "^[A-Z]{3}$" },
                "exact": { "type": "boolean" } },
                "required": ["date", "code", "exact"], "additionalProperties": false }),
        json!({ "type": "object", "properties": {
                "items": { "type": "array", "items": { "type": "number", "minimum": 0, "maximum": 1 },
                           "minItems": 1, "maxItems": 3 } },
                "required": ["items"], "additionalProperties": false }),
    ]
}

/// Generates with arbitrary choices in a model's place.
fn generate(
    tokenizer: &Tokenizer,
    schema: &Value,
    mut choices: impl Iterator<Item = usize>,
) -> Option<String> {
    let mut constraint =
        Grammar::new(tokenizer).unwrap().arguments(&tool(schema.clone()), None).unwrap();
    let mut ids = constraint.take_fast_forward();
    while !constraint.is_complete().unwrap() {
        let allowed: Vec<u32> = constraint.mask().unwrap().iter().collect();
        assert!(!allowed.is_empty(), "nothing may follow {:?}", tokenizer.decode(&ids));
        let id = allowed[choices.next()? % allowed.len()];
        constraint.take(id).unwrap();
        ids.push(id);
        ids.extend(constraint.take_fast_forward());
    }
    Some(tokenizer.decode(&ids).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever a model prefers, what comes out satisfies the schema.
    #[test]
    fn whatever_is_chosen_is_valid(choices in prop::collection::vec(any::<usize>(), 300)) {
        let tokenizer = tokenizer();
        for schema in schemas() {
            if let Some(text) = generate(&tokenizer, &schema, choices.iter().copied()) {
                let value: Value = serde_json::from_str(&text).map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
                let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
                prop_assert!(validator.is_valid(&value), "{} does not satisfy {}", text, schema);
            }
        }
    }
}

#[test]
fn what_is_forced_needs_no_model() {
    let tokenizer = tokenizer();
    let schema = json!({ "type": "object", "properties": { "kind": { "enum": ["only"] } },
                         "required": ["kind"], "additionalProperties": false });
    let text = generate(&tokenizer, &schema, std::iter::empty()).expect("no choice is needed");
    assert_eq!(text, r#"{"kind": "only"}"#);
}

#[test]
fn unbounded_schemas_get_an_end() {
    let tokenizer = tokenizer();
    let grammar = Grammar::new(&tokenizer).unwrap();
    let letter = tokenizer.encode("a").unwrap()[0];
    for text in [
        json!({ "type": "string" }),
        json!({ "type": "string", "pattern": "^[a-z]+(\\.[a-z]+)*$" }),
        json!({ "type": "string", "pattern": "^[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+$" }),
    ] {
        let schema = json!({ "type": "object", "properties": {
            "text": text, "list": { "type": "array", "items": { "type": "boolean" } } },
            "required": ["text", "list"] });
        // A model that always likes the letter 'a' best would never close a string by itself.
        let mut constraint = grammar.arguments(&tool(schema), None).unwrap();
        let mut length = constraint.take_fast_forward().len();
        while constraint.mask().unwrap().allows(letter) {
            constraint.take(letter).unwrap();
            length += 1;
            assert!(length < 1000, "the string has no end: {text}");
        }
    }
}

/// llguidance gives up on this pattern together with a length, not on the pattern.
#[test]
fn a_pattern_too_intricate_for_a_bound_is_taken_without() {
    let schema = json!({ "type": "object", "properties": {
        "key": { "type": "string", "pattern": "^[a-z]{300}[a-z]*$" } }, "required": ["key"] });
    let tokenizer = tokenizer();
    let mut constraint = Grammar::new(&tokenizer).unwrap().arguments(&tool(schema), None).unwrap();
    constraint.take_fast_forward();
    assert!(constraint.mask().unwrap().allows(tokenizer.encode("a").unwrap()[0]));
}

#[test]
fn schemas_that_can_not_be_held_are_refused() {
    let tokenizer = tokenizer();
    let grammar = Grammar::new(&tokenizer).unwrap();
    for (schema, why) in [
        (
            json!({ "type": "object", "properties": { "a": { "not": { "type": "string" } } } }),
            "not",
        ),
        (json!({ "type": "object", "properties": { "a": { "contains": {} } } }), "contains"),
        (json!({ "type": "object", "propertyNames": { "maxLength": 3 } }), "propertyNames"),
        (
            json!({ "type": "object", "properties": { "a": { "type": "array", "uniqueItems": true } } }),
            "uniqueItems",
        ),
        (
            json!({ "type": "object", "properties": { "a": { "type": "wish" } }, "required": ["a"] }),
            "unknown type",
        ),
        (
            json!({ "type": "object", "properties": { "a": { "$ref": "https://example.org/s.json" } } }),
            "remote $ref",
        ),
        (
            json!({ "type": "object", "properties": { "a": { "type": "integer", "minimum": 3, "maximum": 2 } },
                 "required": ["a"] }),
            "a contradiction",
        ),
        (json!({ "type": "string" }), "not an object"),
        (json!(true), "no type"),
        (json!([1]), "a list"),
    ] {
        let error = grammar
            .arguments(&tool(schema), None)
            .err()
            .unwrap_or_else(|| panic!("{why} was accepted"));
        assert_eq!(error.code(), "schema", "{why}");
        assert!(error.to_string().contains("tool `test`: parameters"), "{why}: {error}");
    }
}

#[test]
fn what_leaves_a_choice_open_settles_less() {
    let tokenizer = tokenizer();
    let grammar = Grammar::new(&tokenizer).unwrap();
    let schema = json!({ "type": "object", "required": ["to"], "properties": {
        "to": { "enum": ["then", "thin", "so"] } } });
    let mut constraint = grammar.arguments(&tool(schema), None).unwrap();
    constraint.take_fast_forward();
    let settled = |constraint: &mut ArgumentConstraint, bytes| -> Vec<String> {
        let mut beginnings = grammar.beginnings("then\"}");
        beginnings.retain(|&token| constraint.settles(token, bytes).unwrap());
        beginnings.iter().map(|&token| tokenizer.decode(&[token]).unwrap()).collect()
    };
    assert_eq!(settled(&mut constraint, 2), ["t", "th", "the"], "h must follow t");
    assert_eq!(settled(&mut constraint, 3), ["the"], "e or i");
    assert_eq!(settled(&mut constraint, 6), ["the"], "the rest is forced");
    assert!(
        constraint.mask().unwrap().allows(tokenizer.encode("s").unwrap()[0]),
        "nothing was taken"
    );
}
