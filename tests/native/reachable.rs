//! No schema that is accepted loses an argument: what is valid under the schema and made of the question's words
//! can be written.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value, json};
use toolgen::schema::narrow;

use super::writer::Writer;

const QUESTION: &str = "move 3 red kettles and 40 blue cups to Oslo on 2026-05-03";

/// A kind of value: its schema, and a value of the question.
#[derive(Clone, Debug)]
struct Field {
    schema: Value,
    value: Value,
}

fn field() -> impl Strategy<Value = Field> {
    let leaf = prop::sample::select(vec![
        (json!({ "type": "string" }), json!("red kettles")),
        (json!({ "type": "string", "maxLength": 4 }), json!("Oslo")),
        (json!({ "type": "integer" }), json!(40)),
        (json!({ "type": "number", "exclusiveMinimum": 0 }), json!(3)),
        (json!({ "type": "string", "format": "date" }), json!("2026-05-03")),
        (json!({ "enum": ["fast", "slow"] }), json!("slow")),
        (json!({ "type": "boolean" }), json!(true)),
        (json!({ "type": ["string", "null"] }), json!("blue cups")),
        (
            json!({ "anyOf": [{ "type": "integer" }, { "type": "null" }], "default": null }),
            json!(3),
        ),
        (json!({ "$ref": "#/$defs/Count" }), json!(40)),
        (json!({ "allOf": [{ "$ref": "#/$defs/Count" }, { "minimum": 5 }] }), json!(40)),
    ]);
    let leaf = leaf.prop_map(|(schema, value)| Field { schema, value });
    leaf.prop_recursive(2, 8, 3, |inner| {
        let list = inner.clone().prop_map(|field| Field {
            schema: json!({ "type": "array", "items": field.schema }),
            value: json!([field.value]),
        });
        let tuple = (inner.clone(), inner.clone()).prop_map(|(a, b)| Field {
            schema: json!({ "type": "array", "prefixItems": [a.schema, b.schema], "minItems": 2, "items": false }),
            value: json!([a.value, b.value]),
        });
        let union = (inner.clone(), any::<bool>()).prop_map(|(field, first)| {
            let other = json!({ "type": "object", "properties": { "other": { "const": 1 } }, "required": ["other"] });
            let alternatives = if first { json!([field.schema, other]) } else { json!([other, field.schema]) };
            Field { schema: json!({ "anyOf": alternatives }), value: field.value }
        });
        prop_oneof![list, tuple, union, object(inner)]
    })
}

/// An object whose properties stand in one of the places where schemas have them.
fn object(fields: impl Strategy<Value = Field> + 'static) -> impl Strategy<Value = Field> {
    let fields = prop::collection::vec((fields, any::<bool>()), 1..4);
    (fields, 0..6usize).prop_map(|(fields, place)| {
        let (mut value, mut parts) = (Map::new(), Vec::new());
        let mut required = Vec::new();
        for (index, (field, is_required)) in fields.into_iter().enumerate() {
            let name = format!("p{index}");
            value.insert(name.clone(), field.value);
            parts.push(json!({ "type": "object", "properties": { (name.as_str()): field.schema } }));
            if is_required {
                required.push(name);
            }
        }
        let mut whole = json!({ "type": "object", "properties": {}, "required": required });
        for part in &parts {
            let own = part["properties"].as_object().unwrap().clone();
            whole["properties"].as_object_mut().unwrap().extend(own);
        }
        let other = json!({ "type": "object", "properties": { "zz": { "const": "other" } }, "required": ["zz"] });
        let schema = match place {
            0 => whole,
            1 => json!({ "type": "object", "allOf": parts, "required": required }),
            2 => json!({ "type": "object", "properties": whole["properties"], "allOf": [{ "required": required }] }),
            3 => json!({ "type": "object", "oneOf": [other, whole] }),
            4 => json!({ "type": "object", "anyOf": [whole, other] }),
            _ => json!({ "allOf": [{ "anyOf": [other, whole] }], "type": "object" }),
        };
        Field { schema, value: value.into() }
    })
}

#[test]
fn whatever_is_valid_and_of_the_question_can_be_written() {
    let writer = Writer::new();
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config { cases: 120, ..Config::default() }, rng);
    let result = runner.run(&object(field()), |Field { mut schema, value }| {
        schema["$defs"] = json!({ "Count": { "type": "integer", "minimum": 1 } });
        let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
        prop_assume!(validator.is_valid(&value));
        let arguments = toolgen::prompt::spaced_json(&value);
        prop_assert!(
            writer.can_write(&schema, None, &arguments),
            "ungrounded: {} {}",
            arguments,
            schema
        );
        prop_assert!(
            writer.can_write(&schema, Some(QUESTION), &arguments),
            "{} {}",
            arguments,
            schema
        );
        prop_assert!(writer.can_say(&schema, QUESTION, &value), "said: {} {}", arguments, schema);
        // Narrowing may lose a part, and then it says so.
        let (narrowed, left_out) =
            narrow(&schema).map_err(|e| TestCaseError::fail(e.to_string()))?;
        let holds = jsonschema::options().build(&narrowed).unwrap().is_valid(&value);
        prop_assert!(holds || !left_out.is_empty(), "{} {} {}", arguments, schema, narrowed);
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}
