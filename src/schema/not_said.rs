//! "Not said": the value of a required argument that the question doesn't hold.
//!
//! Under the grammar every required argument may be `null`, which the model is trained to write where
//! nothing was said; what is `null` then is asked for and never sent.

use serde_json::{Map, Value, json};

use super::alternatives::{alternatives, is_null, takes};

/// Offers "not said" at the required properties of `schema`, a narrowed form of `original`, and of the objects
/// in it, not inside lists: at those that are `false`, or `everywhere`. A property that takes one value alone, or
/// `null` itself, has nothing to ask for.
pub fn offer(schema: &mut Value, original: &Value, everywhere: bool) {
    let list = ["anyOf", "oneOf"].into_iter().find(|keyword| original.get(*keyword).is_some());
    if let Some(list) = list.and_then(|keyword| schema.get_mut(keyword)?.as_array_mut()) {
        for (alternative, original) in list.iter_mut().zip(alternatives(original)) {
            offer(alternative, original, everywhere);
        }
    }
    for (name, _) in required(original).filter(|(_, property)| may_be_unsaid(property)) {
        let Some(narrowed) = schema.pointer_mut("/properties").and_then(|all| all.get_mut(name))
        else {
            continue;
        };
        *narrowed = match narrowed.take() {
            Value::Bool(false) => json!({ "type": "null" }),
            Value::Object(object) if !everywhere || object.contains_key("properties") => {
                Value::Object(object)
            }
            Value::Object(mut object) => match object.get_mut("enum") {
                Some(Value::Array(values)) => {
                    values.push(Value::Null);
                    object.remove("type"); // the values say it
                    Value::Object(object)
                }
                _ => json!({ "anyOf": [object, { "type": "null" }] }),
            },
            other => other,
        };
    }
    let objects = original.get("properties").and_then(Value::as_object);
    for (name, property) in objects.into_iter().flatten() {
        let narrowed = schema.pointer_mut("/properties").and_then(|all| all.get_mut(name));
        if let Some(narrowed) = narrowed.filter(|narrowed| narrowed.get("properties").is_some()) {
            offer(narrowed, property, everywhere);
        }
    }
}

/// Takes the arguments that were not said out of `arguments`, and names them, with the objects that they are in
/// before them, apart by dots. Where the schema has a `default`, that is taken in their place.
pub fn take(arguments: &mut Map<String, Value>, schema: &Value) -> Vec<String> {
    let schema = meant(schema, arguments);
    let mut lacks = Vec::new();
    // Where one of several must be there, each may be asked for.
    let any = schema.get("minProperties").and_then(|_| schema.get("properties")?.as_object());
    let any = any.into_iter().flatten().map(|(name, property)| (name.as_str(), property));
    for (name, property) in required(schema).chain(any) {
        if may_be_unsaid(property) && arguments.get(name).is_some_and(Value::is_null) {
            match property.get("default") {
                Some(default) => drop(arguments.insert(name.to_owned(), default.clone())),
                None => {
                    arguments.remove(name);
                    lacks.push(name.to_owned());
                }
            }
        }
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, property) in properties.into_iter().flatten() {
        if let Some(Value::Object(inner)) = arguments.get_mut(name) {
            lacks.extend(take(inner, property).into_iter().map(|part| format!("{name}.{part}")));
        }
    }
    lacks
}

/// Writes `null` for the required arguments that `arguments` doesn't have: what [`take`] takes.
pub fn put(arguments: &mut Map<String, Value>, schema: &Value) {
    let schema = meant(schema, arguments);
    for (name, property) in required(schema) {
        if may_be_unsaid(property) && !arguments.contains_key(name) {
            arguments.insert(name.to_owned(), Value::Null);
        }
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, property) in properties.into_iter().flatten() {
        if let Some(Value::Object(inner)) = arguments.get_mut(name) {
            put(inner, property);
        }
    }
}

/// The alternative of an object schema that these arguments are of: the first that has them all, with these values
/// where it lists some.
fn meant<'a>(schema: &'a Value, arguments: &Map<String, Value>) -> &'a Value {
    let has = |schema: &Value| {
        arguments.iter().all(|(name, value)| {
            let property = schema.get("properties").and_then(|all| all.get(name));
            property.is_some_and(|property| value.is_null() || takes(property, value))
        })
    };
    match alternatives(schema) {
        [only] => only,
        all => all.iter().map(|one| meant(one, arguments)).find(|one| has(one)).unwrap_or(schema),
    }
}

/// The required properties of an object schema.
fn required(schema: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let names = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    let property = |name: &str| schema.get("properties").and_then(|all| all.get(name));
    names.filter_map(Value::as_str).filter_map(move |name| Some((name, property(name)?)))
}

fn may_be_unsaid(property: &Value) -> bool {
    let values = property.get("enum").and_then(Value::as_array);
    let takes_null = match property.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "null"),
        _ => alternatives(property).iter().any(is_null),
    };
    property.get("const").is_none()
        && !takes_null
        && values.is_none_or(|values| values.len() > 1 && !values.contains(&Value::Null))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_required_may_be_not_said() {
        let original = json!({ "required": ["city", "days", "unit", "kind", "note", "to"], "properties": {
            "city": { "type": "string" }, "days": { "type": "integer" }, "unit": { "type": "string", "enum": ["c", "f"] },
            "kind": { "const": "now" }, "note": { "type": ["string", "null"] }, "more": { "type": "string" },
            "to": { "required": ["mail"], "properties": { "mail": { "type": "string" } } } } });
        let mut schema = original.clone();
        schema["properties"]["city"] = json!({ "enum": ["Oslo"] });
        schema["properties"]["days"] = json!(false);
        offer(&mut schema, &original, true);
        assert_eq!(
            schema["properties"],
            json!({ "city": { "enum": ["Oslo", null] }, "days": { "type": "null" },
                "unit": { "enum": ["c", "f", null] }, "kind": { "const": "now" },
                "note": { "type": ["string", "null"] }, "more": { "type": "string" },
                "to": { "required": ["mail"],
                    "properties": { "mail": { "anyOf": [{ "type": "string" }, { "type": "null" }] } } } })
        );
    }

    #[test]
    fn or_only_what_has_no_value() {
        let original = json!({ "required": ["city", "days"], "properties": {
            "city": { "type": "string" }, "days": { "type": "integer" } } });
        let mut schema = original.clone();
        schema["properties"]["days"] = json!(false);
        offer(&mut schema, &original, false);
        assert_eq!(
            schema["properties"],
            json!({ "city": { "type": "string" }, "days": { "type": "null" } })
        );
    }

    #[test]
    fn what_was_not_said_is_taken_out_and_named() {
        let schema = json!({ "required": ["city", "days", "note"], "properties": {
            "city": { "type": "string" }, "days": { "type": "integer", "default": 3 },
            "note": { "type": ["string", "null"] },
            "to": { "required": ["mail"], "properties": { "mail": { "type": "string" } } } } });
        let mut arguments = Map::new();
        arguments.insert("to".into(), json!({}));
        put(&mut arguments, &schema);
        assert_eq!(json!(arguments), json!({ "to": { "mail": null }, "city": null, "days": null }));
        arguments.insert("note".into(), Value::Null);
        assert_eq!(take(&mut arguments, &schema), ["city", "to.mail"]);
        assert_eq!(json!(arguments), json!({ "to": {}, "days": 3, "note": null }));
    }
}
