//! Alternatives of which one holds, each a schema of its own.

use serde_json::{Value, json};

/// One schema of alternatives. Those that are values alone are one list of values.
pub(super) fn union(keyword: &str, alternatives: Vec<Value>) -> Value {
    let mut values: Vec<Value> = Vec::new();
    for alternative in &alternatives {
        let of_it = match values_of(alternative) {
            Some(values) => values,
            None if is_null(alternative) => vec![Value::Null],
            None => return json!({ keyword: alternatives }),
        };
        if of_it.iter().any(|value| values.contains(value)) {
            return json!({ keyword: alternatives });
        }
        values.extend(of_it);
    }
    json!({ "enum": values })
}

/// The alternatives of a schema; itself where it has none.
pub fn alternatives(schema: &Value) -> &[Value] {
    let list = ["anyOf", "oneOf"].iter().find_map(|keyword| schema.get(*keyword)?.as_array());
    list.map_or(std::slice::from_ref(schema), Vec::as_slice)
}

/// Whether a schema takes `null` alone.
pub(super) fn is_null(schema: &Value) -> bool {
    schema.get("type").is_some_and(|kind| kind == "null")
}

/// Whether no value satisfies both of two narrowed schemas, whose objects are closed.
pub(super) fn are_apart(a: &Value, b: &Value) -> bool {
    let (all_a, all_b) = (alternatives(a), alternatives(b));
    if all_a.len() > 1 || all_b.len() > 1 {
        return all_a.iter().all(|a| all_b.iter().all(|b| are_apart(a, b)));
    }
    if let (Some(a), Some(b)) = (values_of(a), values_of(b)) {
        return a.iter().all(|value| !b.contains(value));
    }
    let kind = |schema: &Value| match schema["type"].as_str() {
        Some("integer") => Some("number".to_owned()),
        kind => kind.map(str::to_owned),
    };
    match (kind(a), kind(b)) {
        (Some(a), Some(b)) if a != b => return true,
        (Some(a), Some(_)) if a == "object" => {}
        _ => return false,
    }
    let tells = |a: &Value, b: &Value| {
        let names = a["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let mut pairs = names.map(|name| (&a["properties"][name], b["properties"].get(name)));
        pairs.any(|(a, b)| b.is_none_or(|b| are_apart(a, b)))
    };
    tells(a, b) || tells(b, a)
}

/// Whether a schema that lists values has this one, and one that names a type is of the value's.
pub(super) fn takes(schema: &Value, value: &Value) -> bool {
    alternatives(schema).iter().any(|schema| match values_of(schema) {
        Some(values) => values.iter().any(|listed| is_same(listed, value)),
        None => schema.get("type").is_none_or(|kind| is_a(value, kind)),
    })
}

/// Whether two values are the same: 3 is 3.0.
pub(super) fn is_same(a: &Value, b: &Value) -> bool {
    a == b || (a.is_f64() || b.is_f64()) && a.as_f64().is_some() && a.as_f64() == b.as_f64()
}

/// Whether a value is of a type.
pub(super) fn is_a(value: &Value, kind: &Value) -> bool {
    match kind.as_str() {
        Some("string") => value.is_string(),
        Some("integer") => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        _ => true,
    }
}

fn values_of(schema: &Value) -> Option<Vec<Value>> {
    match (schema.get("enum"), schema.get("const")) {
        (Some(Value::Array(values)), _) => Some(values.clone()),
        (_, Some(value)) => Some(vec![value.clone()]),
        _ => None,
    }
}
