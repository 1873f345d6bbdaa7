//! Conditions as alternatives: `dependentRequired`, `dependentSchemas`, `dependencies`, `if` and `not`.
//!
//! "With a street goes a zip" is "no street, or both": what a grammar can hold.

use serde_json::{Map, Value, json};

/// Takes the conditions out of a schema and returns lists of alternatives, one of each of which must hold.
/// What can't be written so stays, for whoever looks for keywords that aren't supported.
pub(super) fn alternatives(schema: &mut Map<String, Value>) -> Vec<Vec<Value>> {
    let mut all = Vec::new();
    for keyword in ["dependentRequired", "dependentSchemas", "dependencies"] {
        let Some(Value::Object(dependents)) = schema.shift_remove(keyword) else { continue };
        all.extend(dependents.into_iter().map(|(name, needed)| {
            let needed = if needed.is_array() { json!({ "required": needed }) } else { needed };
            vec![without(&name), needed]
        }));
    }
    let is_of_values = |not: &Value| not.as_object().is_some_and(|not| not.keys().eq(["enum"]));
    if let Some(not) = schema.get("not").filter(|not| !is_of_values(not)).and_then(negation) {
        schema.shift_remove("not");
        all.push(not);
    }
    if let Some(condition) = schema.shift_remove("if") {
        let mut consequence =
            |keyword: &str| schema.shift_remove(keyword).unwrap_or(Value::Bool(true));
        let (then, otherwise) = (consequence("then"), consequence("else"));
        match negation(&condition) {
            Some(others) => {
                let mut ways = vec![json!({ "allOf": [condition, then] })];
                ways.extend(others.into_iter().map(|o| json!({ "allOf": [o, otherwise] })));
                all.push(ways);
            }
            // Whatever the condition says, both hold.
            None => all.push(vec![json!({ "allOf": [then, otherwise] })]),
        }
    }
    all
}

/// An object without this property.
fn without(name: &str) -> Value {
    json!({ "properties": { name: false } })
}

/// What is no object satisfies whatever is said of properties, so none of it satisfies the opposite.
fn of_object(mut schema: Value) -> Value {
    schema["type"] = "object".into();
    schema
}

/// Schemas of which one holds exactly where `schema` doesn't; `None` where that can't be written in keywords
/// that are held.
fn negation(schema: &Value) -> Option<Vec<Value>> {
    let object = match schema {
        Value::Bool(true) => return Some(vec![Value::Bool(false)]),
        Value::Bool(false) => return Some(vec![Value::Bool(true)]),
        schema => schema.as_object()?,
    };
    if object.is_empty() {
        return Some(vec![Value::Bool(false)]);
    }
    let mut ways = Vec::new();
    for (keyword, value) in object {
        match keyword.as_str() {
            "required" => {
                let names = value.as_array()?.iter().filter_map(Value::as_str);
                ways.extend(names.map(|name| of_object(without(name))));
            }
            "properties" => {
                for (name, property) in value.as_object()? {
                    ways.extend(negation(property)?.into_iter().map(|other| {
                        of_object(json!({ "required": [name], "properties": { name: other } }))
                    }));
                }
            }
            // Kept as they are, for who knows which values there are.
            "const" => ways.push(json!({ "not": { "enum": [value] } })),
            "enum" => ways.push(json!({ "not": { "enum": value } })),
            "not" => ways.push(value.clone()),
            "type" if value == "object" && object.len() > 1 => {}
            "title" | "description" => {}
            _ => return None,
        }
    }
    (!ways.is_empty()).then_some(ways)
}
