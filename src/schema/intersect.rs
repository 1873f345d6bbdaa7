//! Two schemas that must both hold, as one: what `allOf`, and keywords beside a `$ref`, say.
//!
//! Where both have a schema for one part, a property say, the part gets `allOf` of the two, for whoever
//! comes there.

use regex::RegexBuilder;
use serde_json::{Map, Value, json};

use super::alternatives::is_same;
use super::form::MAX_PATTERN;

/// Nothing satisfies both.
#[derive(Debug)]
pub(super) struct Contradiction;

/// Adds what `part` asks for to `schema`. Of descriptions and the like, those of `schema` stay.
pub(super) fn intersect(
    schema: &mut Map<String, Value>,
    mut part: Map<String, Value>,
) -> Result<(), Contradiction> {
    keep_closed(schema, &mut part);
    keep_closed(&part, schema);
    for (keyword, value) in part {
        let Some(own) = schema.get(&keyword) else {
            schema.insert(keyword, value);
            continue;
        };
        let both = match keyword.as_str() {
            _ if *own == value => continue,
            "type" => common_types(own, &value)?,
            "enum" | "const" => common_values(own, &value)?,
            "required" => united(own, &value),
            "minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties" => {
                chosen(own, &value, f64::gt)
            }
            "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties" => {
                chosen(own, &value, f64::lt)
            }
            "multipleOf" => common_multiple(own, &value),
            "properties" | "patternProperties" => merged(own, value),
            "items" | "additionalItems" | "additionalProperties" | "propertyNames" | "contains" => {
                all_of(own.clone(), value)
            }
            "prefixItems" => zipped(own, &value),
            "uniqueItems" | "readOnly" => json!(*own == true || value == true),
            "nullable" => json!(*own == true && value == true),
            "not" if own.get("enum").is_some() && value.get("enum").is_some() => {
                json!({ "enum": united(&own["enum"], &value["enum"]) })
            }
            // A second one can't stand beside the first.
            "pattern" | "format" | "not" => {
                let more = schema.entry("allOf").or_insert_with(|| json!([]));
                if let Value::Array(parts) = more {
                    parts.push(json!({ keyword: value }));
                }
                continue;
            }
            _ => continue,
        };
        schema.insert(keyword, both);
    }
    // An `enum` and a `const` say the same thing in two words.
    if let (Some(values), Some(value)) = (schema.get("enum"), schema.get("const")) {
        common_values(values, &json!([value]))?;
        schema.shift_remove("enum");
    }
    Ok(())
}

/// Names that an object doesn't have itself are held to its `additionalProperties`, those that a `part` adds too: in a closed one
/// they get the schema `false`.
fn keep_closed(closed: &Map<String, Value>, part: &mut Map<String, Value>) {
    let others = closed.get("additionalProperties").unwrap_or(&Value::Bool(true));
    if *others == true || *others == json!({}) {
        return;
    }
    let own = closed.get("properties").and_then(Value::as_object);
    let patterns = closed.get("patternProperties").and_then(Value::as_object);
    let patterns = patterns.into_iter().flat_map(|all| all.keys());
    let patterns = patterns.map(|text| RegexBuilder::new(text).size_limit(MAX_PATTERN).build());
    // What a pattern that can't be read takes isn't known.
    let Ok(patterns) = patterns.collect::<Result<Vec<_>, _>>() else { return };
    let has = |name: &str| {
        own.is_some_and(|own| own.contains_key(name)) || patterns.iter().any(|p| p.is_match(name))
    };
    for (name, property) in
        part.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten()
    {
        if !has(name) {
            *property = all_of(property.take(), others.clone());
        }
    }
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_else(|| vec![value.clone()])
}

fn common_types(own: &Value, more: &Value) -> Result<Value, Contradiction> {
    let more = list(more);
    let mut common: Vec<Value> = Vec::new();
    for kind in list(own) {
        if more.contains(&kind) || kind == "integer" && more.contains(&json!("number")) {
            common.push(kind);
        } else if kind == "number" && more.contains(&json!("integer")) {
            common.push("integer".into());
        }
    }
    match common.len() {
        0 => Err(Contradiction),
        1 => Ok(common.remove(0)),
        _ => Ok(common.into()),
    }
}

/// Of two lists of values, or a value alone and another.
fn common_values(own: &Value, more: &Value) -> Result<Value, Contradiction> {
    let (Value::Array(own), Value::Array(more)) = (own, more) else { return Err(Contradiction) };
    let common: Vec<Value> = own
        .iter()
        .filter(|value| more.iter().any(|other| is_same(value, other)))
        .cloned()
        .collect();
    if common.is_empty() { Err(Contradiction) } else { Ok(common.into()) }
}

fn united(own: &Value, more: &Value) -> Value {
    let mut all = list(own);
    for value in list(more) {
        if !all.contains(&value) {
            all.push(value);
        }
    }
    all.into()
}

fn chosen(own: &Value, more: &Value, is_better: fn(&f64, &f64) -> bool) -> Value {
    match (own.as_f64(), more.as_f64()) {
        (Some(own), Some(other)) if is_better(&other, &own) => more.clone(),
        (None, Some(_)) => more.clone(),
        _ => own.clone(),
    }
}

/// A number that both divide; their product where neither divides the other.
fn common_multiple(own: &Value, more: &Value) -> Value {
    let (Some(a), Some(b)) = (own.as_f64(), more.as_f64()) else { return own.clone() };
    let divides = |a: f64, b: f64| ((b / a) - (b / a).round()).abs() < 1e-9;
    if divides(a, b) {
        more.clone()
    } else if divides(b, a) {
        own.clone()
    } else {
        json!(a * b)
    }
}

fn merged(own: &Value, more: Value) -> Value {
    let (Value::Object(mut all), Value::Object(more)) = (own.clone(), more) else {
        return own.clone();
    };
    for (name, property) in more {
        let both = match all.get(&name) {
            Some(own) if *own != property => all_of(own.clone(), property),
            _ => property,
        };
        all.insert(name, both);
    }
    all.into()
}

/// Items by their place.
fn zipped(own: &Value, more: &Value) -> Value {
    let (own, more) = (list(own), list(more));
    let place = |at: usize| match (own.get(at), more.get(at)) {
        (Some(own), Some(more)) => all_of(own.clone(), more.clone()),
        (own, more) => own.or(more).cloned().unwrap_or(Value::Bool(true)),
    };
    (0..own.len().max(more.len())).map(place).collect()
}

fn all_of(own: Value, more: Value) -> Value {
    match (own, more) {
        (Value::Bool(false), _) | (_, Value::Bool(false)) => Value::Bool(false),
        (Value::Bool(true), other) | (other, Value::Bool(true)) => other,
        (own, more) if own == more => own,
        (own, more) => json!({ "allOf": [own, more] }),
    }
}
