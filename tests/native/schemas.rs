//! Schemas as the world writes them: what may be written under each, and what of it a question allows.

use serde_json::{Value, json};

use super::writer::Writer;
use crate::common;
use toolgen::schema::{Grounding, flattened, narrow, not_said};

/// A schema, what can be written under it, and what can't.
type Case = (&'static str, Value, &'static [&'static str], &'static [&'static str]);

fn text(name: &str) -> Value {
    json!({ "type": "object", "properties": { name: { "type": "string" } } })
}

#[test]
fn no_part_of_a_schema_forbids_another() {
    let paging = json!({ "type": "object", "properties": {
        "page": { "type": "integer" }, "size": { "type": "integer" } } });
    let cases: Vec<Case> = vec![
        (
            "allOf beside a type",
            json!({ "type": "object", "allOf": [text("author"), paging] }),
            &[r#"{"author": "Ann", "page": 2}"#, "{}", r#"{"size": 3}"#],
            &[r#"{"other": 1}"#],
        ),
        (
            "a reference in allOf beside properties",
            json!({ "type": "object", "properties": { "title": { "type": "string" } },
                "allOf": [{ "$ref": "#/$defs/Paging" }], "$defs": { "Paging": paging } }),
            &[r#"{"title": "A", "page": 1}"#],
            &[r#"{"title": "A", "pages": 1}"#],
        ),
        (
            "a reference beside a type",
            json!({ "type": "object", "$ref": "#/definitions/P", "definitions": { "P": paging } }),
            &[r#"{"page": 1, "size": 2}"#],
            &[r#"{"name": 1}"#],
        ),
        (
            "a reference alone, without a type",
            json!({ "$ref": "#/definitions/P", "definitions": { "P": paging } }),
            &[r#"{"page": 1}"#],
            &[],
        ),
        (
            "allOf in a property",
            json!({ "properties": { "to": { "allOf": [text("street"), text("town")] } }, "required": ["to"] }),
            &[r#"{"to": {"street": "A", "town": "B"}}"#],
            &["{}"],
        ),
        (
            "anyOf beside properties",
            json!({ "type": "object", "properties": { "club": { "type": "string" } },
                "anyOf": [text("name"), { "type": "object", "properties": { "number": { "type": "integer" } } }] }),
            &[r#"{"club": "A", "name": "B"}"#, r#"{"club": "A", "number": 3}"#],
            &[r#"{"club": "A", "age": 3}"#],
        ),
        (
            "bounds in two places",
            json!({ "allOf": [
                { "properties": { "n": { "type": "number", "minimum": 3, "maximum": 9 } }, "required": ["n"] },
                { "properties": { "n": { "type": "integer", "maximum": 5 } } }] }),
            &[r#"{"n": 4}"#],
            &[r#"{"n": 2}"#, r#"{"n": 7}"#, r#"{"n": 4.5}"#],
        ),
        (
            "an anchor, and the schema's own address",
            json!({ "$id": "https://schemas.example/film", "properties": {
                "stars": { "$ref": "#stars" }, "again": { "$ref": "https://schemas.example/film#/$defs/S" } },
                "$defs": { "S": { "$anchor": "stars", "type": "integer", "minimum": 1, "maximum": 5 } } }),
            &[r#"{"stars": 4, "again": 5}"#],
            &[r#"{"stars": 6}"#, r#"{"again": 0}"#],
        ),
        (
            "a schema within itself",
            json!({ "properties": { "filter": { "$ref": "#/$defs/F" } }, "$defs": { "F": { "type": "object",
                "properties": { "field": { "type": "string" }, "not": { "$ref": "#/$defs/F" } } } } }),
            &[r#"{"filter": {"field": "a", "not": {"not": {"field": "b"}}}}"#],
            &[r#"{"filter": {"fields": "a"}}"#],
        ),
        (
            "what nothing satisfies is left out",
            json!({ "properties": { "door": { "type": "string" }, "old": { "not": {} },
                "why": { "anyOf": [{ "not": {} }, { "type": "string" }, { "type": "null" }] },
                "list": { "type": "string", "enum": [] } }, "required": ["door"] }),
            &[r#"{"door": "A"}"#, r#"{"door": "A", "why": null}"#, r#"{"door": "A", "why": "B"}"#],
            &[r#"{"door": "A", "old": 1}"#, r#"{"door": "A", "list": "B"}"#],
        ),
        (
            "a list's values, written beside its items",
            json!({ "properties": { "to": { "type": "array", "items": { "type": "string" }, "enum": ["a", "b"] } } }),
            &[r#"{"to": ["b", "a"]}"#],
            &[r#"{"to": ["c"]}"#],
        ),
        (
            "other names than an object's own are held to what it says of them",
            json!({ "type": "object", "additionalProperties": { "type": "integer" },
                "allOf": [{ "properties": { "a": { "type": ["string", "integer"] }, "b": { "type": "string" } } }] }),
            &[r#"{"a": 1}"#],
            &[r#"{"a": "x"}"#, r#"{"b": "x"}"#],
        ),
        (
            "an object that is listed is not closed to its own properties",
            json!({ "properties": { "a": { "anyOf": [{ "const": { "b": 1 }, "type": "object" }, { "type": "integer" }] } } }),
            &[r#"{"a": {"b": 1}}"#, r#"{"a": 3}"#],
            &[r#"{"a": {"b": 2}}"#],
        ),
        (
            "what is no object has every property that is asked of objects",
            json!({ "properties": { "a": { "type": ["string", "object"], "not": { "required": ["b"] },
                "properties": { "b": { "type": "integer" }, "c": { "type": "integer" } } } } }),
            &[r#"{"a": {"c": 1}}"#],
            &[r#"{"a": "x"}"#, r#"{"a": {"b": 1}}"#],
        ),
        (
            "PHP's empty object",
            json!({ "type": "object", "properties": [], "required": [] }),
            &["{}"],
            &[r#"{"a": 1}"#],
        ),
    ];
    let writer = Writer::new();
    for (name, schema, can, can_not) in cases {
        for arguments in can {
            assert!(writer.can_write(&schema, None, arguments), "{name}: {arguments}");
        }
        for arguments in can_not {
            assert!(!writer.can_write(&schema, None, arguments), "{name}: {arguments}");
        }
    }
}

fn notes() -> Value {
    let closed = |name: &str, action: &str, more: Value| {
        json!({ "type": "object", "properties": { "action": { "const": action }, name: more },
            "required": ["action", name], "additionalProperties": false })
    };
    let (add, drop) = (json!({ "type": "string" }), json!({ "type": "integer" }));
    json!({ "type": "object", "oneOf": [closed("text", "add", add), closed("number", "drop", drop)] })
}

#[test]
fn a_union_keeps_all_of_its_actions() {
    let writer = Writer::new();
    for keyword in ["oneOf", "anyOf"] {
        let mut schema = notes();
        let union = schema.as_object_mut().unwrap().shift_remove("oneOf").unwrap();
        schema[keyword] = union;
        for schema in [schema.clone(), flattened(&schema).unwrap(), narrow(&schema).unwrap().0] {
            let can = |question, arguments| writer.can_write(&schema, question, arguments);
            assert!(can(None, r#"{"action": "drop", "number": 3}"#));
            assert!(can(None, r#"{"action": "add", "text": "milk"}"#));
            assert!(!can(None, r#"{"action": "add", "number": 3}"#));
            assert!(!can(None, r#"{"action": "drop", "text": "milk"}"#));
            let asked = Some("remove note 3");
            assert!(can(asked, r#"{"action": "drop", "number": 3}"#));
            assert!(!can(asked, r#"{"action": "drop", "number": 4}"#));
            assert!(!can(asked, r#"{"action": "add", "text": "milk"}"#));
        }
    }
    // All properties can be read where they are looked for, and it makes no difference to flatten twice.
    let flat = flattened(&notes()).unwrap();
    assert_eq!(flat["properties"]["action"], json!({ "enum": ["add", "drop"] }));
    assert_eq!(flat["properties"].as_object().unwrap().len(), 3);
    assert_eq!(flat["required"], json!(["action"]));
    assert_eq!(flattened(&flat).unwrap(), flat);
}

#[test]
fn what_an_action_lacks_is_asked_for() {
    let flat = flattened(&notes()).unwrap();
    let asked = Some("remove the note");
    assert!(Writer::new().can_write(&flat, asked, r#"{"action": "drop", "number": null}"#));
    let mut arguments = serde_json::Map::new();
    arguments.insert("action".into(), "drop".into());
    let narrowed = Grounding::new(&"remove the note".into()).narrowed(&flat);
    not_said::put(&mut arguments, &narrowed);
    assert_eq!(json!(arguments), json!({ "action": "drop", "number": null }));
    assert_eq!(not_said::take(&mut arguments, &flat), ["number"]);
}

#[test]
fn conditions_hold() {
    let card = json!({ "properties": { "number": { "type": "string" }, "zip": { "type": "string" },
        "street": { "type": "string" } }, "required": ["number"], "dependentRequired": { "street": ["zip"] } });
    let order = json!({ "properties": { "way": { "enum": ["pickup", "courier"] }, "to": { "type": "string" } },
        "required": ["way"], "if": { "properties": { "way": { "const": "courier" } } }, "then": { "required": ["to"] } });
    let person = json!({ "properties": { "mail": { "type": "string" }, "phone": { "type": "string" } },
        "not": { "required": ["mail", "phone"] }, "anyOf": [{ "required": ["mail"] }, { "required": ["phone"] }] });
    let some = json!({ "minProperties": 1, "properties": { "a": { "type": "string" }, "b": { "type": "string" } } });
    let cases: [Case; 4] = [
        (
            "dependentRequired",
            card,
            &[
                r#"{"number": "1"}"#,
                r#"{"number": "1", "zip": "2", "street": "A"}"#,
                r#"{"number": "1", "zip": "2"}"#,
            ],
            &[r#"{"number": "1", "street": "A"}"#],
        ),
        (
            "if",
            order,
            &[r#"{"way": "pickup"}"#, r#"{"way": "courier", "to": "A"}"#],
            &[r#"{"way": "courier"}"#],
        ),
        (
            "not both",
            person,
            &[r#"{"mail": "A"}"#, r#"{"phone": "A"}"#],
            &["{}", r#"{"mail": "A", "phone": "B"}"#],
        ),
        (
            "minProperties",
            some,
            &[r#"{"a": "1"}"#, r#"{"b": "1"}"#, r#"{"a": "1", "b": "2"}"#],
            &["{}"],
        ),
    ];
    let writer = Writer::new();
    for (name, schema, can, can_not) in cases {
        let (narrowed, left_out) = narrow(&schema).unwrap();
        assert_eq!(left_out, [""; 0], "{name}");
        for schema in [schema, narrowed] {
            for arguments in can {
                assert!(
                    writer.can_write(&schema, None, arguments),
                    "{name}: {arguments}: {schema}"
                );
            }
            for arguments in can_not {
                assert!(
                    !writer.can_write(&schema, None, arguments),
                    "{name}: {arguments}: {schema}"
                );
            }
        }
    }
}

#[test]
fn a_part_that_is_left_out_is_named() {
    let schema = json!({ "type": "object", "required": ["a"], "properties": {
        "a": { "oneOf": [{ "type": "string" }, { "type": "string", "maxLength": 3 }, { "type": "integer" }] },
        "b": { "type": "array", "contains": { "const": 1 } }, "c": { "type": "null" } } });
    let (narrowed, left_out) = narrow(&schema).unwrap();
    assert_eq!(
        narrowed["properties"]["a"]["anyOf"],
        json!([{ "type": "string" }, { "type": "integer" }])
    );
    assert_eq!(
        left_out,
        [
            "parameters.a[1] can't be told from another alternative",
            "parameters.b: has `contains`, which is not supported"
        ]
    );
    assert_eq!(
        narrow(&json!({ "type": "object", "required": ["a"], "properties": { "a": {
        "not": { "pattern": "x" } } } }))
        .unwrap_err()
        .to_string(),
        "parameters.a: has `not`, which is not supported"
    );
}

#[test]
fn a_tuple_has_its_own_types() {
    let point = json!({ "type": "array", "prefixItems": [{ "type": "number" }, { "type": "integer" }], "items": false });
    let draft_7 = json!({ "type": "array", "items": [{ "type": "number" }, { "type": "integer" }], "additionalItems": false });
    let writer = Writer::new();
    for at in [point, draft_7] {
        let schema = json!({ "type": "object", "properties": { "at": at }, "required": ["at"] });
        for schema in [schema.clone(), narrow(&schema).unwrap().0] {
            assert!(writer.can_write(&schema, None, r#"{"at": [1.5, 2]}"#));
            assert!(!writer.can_write(&schema, None, r#"{"at": ["a", "b"]}"#));
            assert!(writer.can_write(&schema, Some("go to 1.5, 2"), r#"{"at": [1.5, 2]}"#));
            assert!(!writer.can_write(&schema, Some("go to 1.5, 2"), r#"{"at": [1.5, 3]}"#));
        }
    }
}

/// The model was trained on these.
#[test]
fn tools_of_the_catalogue_stay_as_they_are() {
    let file = common::root().join("models/catalogue/tools.jsonl");
    for tool in toolgen::tool::dataset::read_tools(&file).unwrap() {
        assert_eq!(flattened(&tool.parameters).unwrap(), tool.parameters, "{}", tool.name);
    }
}

#[test]
fn deep_and_endless_schemas_are_refused() {
    let mut deep = json!({ "type": "string" });
    for _ in 0..100 {
        deep = json!({ "type": "object", "properties": { "a": deep }, "required": ["a"] });
    }
    let mut wide = json!({ "$ref": "#/$defs/d0" });
    for level in 0..20 {
        let next = json!({ "$ref": format!("#/$defs/d{}", level + 1) });
        wide["$defs"][format!("d{level}")] = json!({ "properties": { "a": next, "b": next } });
    }
    wide["$defs"]["d20"] = json!({ "type": "string" });
    let itself = json!({ "$ref": "#" });
    let through_all_of = json!({ "allOf": [{ "$ref": "#" }] });
    for schema in [deep, wide, itself, through_all_of] {
        assert!(flattened(&schema).is_err());
    }
}
