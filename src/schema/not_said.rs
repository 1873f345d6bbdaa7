//! "Not said": the value of an argument that the question doesn't hold.
//!
//! Under the grammar every argument may be `null`, which the model is trained to write where nothing was said; it is
//! never sent, and asked for where it is required. So whether an optional argument was said is decided at its own
//! name, as its value is: to decide it at the end of the one before, a model would have to look ahead.

use serde_json::{Map, Value, json};

use super::alternatives::{alternatives, is_null, takes};

/// Most optional properties of an object that are asked about one by one. Where there are more, the model names those
/// that were said: writing that each of fifty wasn't takes seconds.
const MAX_OPTIONAL: usize = 12;

/// Offers "not said" at properties of `schema`, a narrowed form of `original`, and of the objects in it, not inside
/// lists: at required ones that are `false`, or, where a model knows how to say it (`everywhere`), at required and
/// optional ones, which then are written in any case. A required property that takes one value alone, or `null`
/// itself, has nothing to ask for.
pub fn offer(schema: &mut Value, original: &Value, everywhere: bool) {
    let list = ["anyOf", "oneOf"].into_iter().find(|keyword| original.get(*keyword).is_some());
    if let Some(list) = list.and_then(|keyword| schema.get_mut(keyword)?.as_array_mut()) {
        for (alternative, original) in list.iter_mut().zip(alternatives(original)) {
            offer(alternative, original, everywhere);
        }
    }
    let objects = original.get("properties").and_then(Value::as_object);
    for (name, property) in objects.into_iter().flatten() {
        let narrowed = schema.pointer_mut("/properties").and_then(|all| all.get_mut(name));
        if let Some(narrowed) = narrowed.filter(|narrowed| narrowed.get("properties").is_some()) {
            offer(narrowed, property, everywhere);
        }
    }
    let asked = if everywhere { asked_optional(schema, original) } else { Vec::new() };
    for (name, _) in required(original).filter(|(_, property)| may_be_unsaid(property)) {
        let Some(narrowed) = schema.pointer_mut("/properties").and_then(|all| all.get_mut(name))
        else {
            continue;
        };
        let is_object = narrowed.get("properties").is_some();
        match narrowed {
            Value::Bool(false) => *narrowed = json!({ "type": "null" }),
            _ if everywhere && !is_object => or_null(narrowed),
            _ => {}
        }
    }
    for name in asked {
        let property = &mut schema["properties"][&name];
        if !takes_null(property) {
            or_null(property);
        }
        match schema.get_mut("required") {
            Some(Value::Array(names)) => names.push(name.into()),
            _ => schema["required"] = json!([name]),
        }
    }
}

/// The optional properties that are written in any case, `null` where they were not said.
fn asked_optional(narrowed: &Value, original: &Value) -> Vec<String> {
    // `null` would count as a property.
    if original.get("minProperties").or(original.get("maxProperties")).is_some() {
        return Vec::new();
    }
    let left = narrowed.get("properties").and_then(Value::as_object).into_iter().flatten();
    let names: Vec<String> = left
        .filter(|(_, property)| property.is_object())
        .filter(|(name, _)| optional(original).any(|(n, p)| n == *name && may_be_left_out(p)))
        .map(|(name, _)| name.clone())
        .collect();
    if names.len() > MAX_OPTIONAL { Vec::new() } else { names }
}

/// Lets a property be `null` too.
fn or_null(schema: &mut Value) {
    let Value::Object(mut object) = schema.take() else { return };
    *schema = match object.get_mut("enum") {
        Some(Value::Array(values)) => {
            values.push(Value::Null);
            object.remove("type"); // the values say it
            Value::Object(object)
        }
        _ => json!({ "anyOf": [object, { "type": "null" }] }),
    };
}

/// Takes the arguments that were not said out of `arguments`, and names the required ones, with the objects that they
/// are in before them, apart by dots. Where the schema has a `default` for one, that is taken in its place.
pub fn take(arguments: &mut Map<String, Value>, schema: &Value) -> Vec<String> {
    let schema = meant(schema, arguments);
    let mut lacks = Vec::new();
    // Where one of several must be there, each may be asked for.
    let is_any = schema.get("minProperties").is_some();
    let mut unsaid: Vec<(&str, &Value, bool)> =
        required(schema).map(|(n, p)| (n, p, true)).collect();
    unsaid.extend(optional(schema).map(|(name, property)| (name, property, is_any)));
    for (name, property, is_asked_for) in unsaid {
        let may_be_null =
            if is_asked_for { may_be_unsaid(property) } else { may_be_left_out(property) };
        if may_be_null && arguments.get(name).is_some_and(Value::is_null) {
            let default = property.get("default").filter(|default| takes(property, default));
            match default.filter(|_| is_asked_for) {
                Some(default) => drop(arguments.insert(name.to_owned(), default.clone())),
                None => {
                    arguments.remove(name);
                    lacks.extend(is_asked_for.then(|| name.to_owned()));
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
    // Nothing was said of an object that may be left out.
    for (name, property) in
        optional(schema).filter(|(_, property)| property.get("properties").is_some())
    {
        let is_empty = arguments.get(name).and_then(Value::as_object).is_some_and(Map::is_empty);
        if is_empty && required(property).next().is_none() {
            arguments.remove(name);
        }
    }
    lacks
}

/// Writes `null` for the arguments that `arguments` doesn't have, where `narrowed`, what [`offer`] made of a schema,
/// wants it: what [`take`] takes.
pub fn put(arguments: &mut Map<String, Value>, narrowed: &Value) {
    let schema = meant(narrowed, arguments);
    for (name, property) in required(schema) {
        if takes_null(property) && !arguments.contains_key(name) {
            arguments.insert(name.to_owned(), Value::Null);
        }
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, property) in properties.into_iter().flatten() {
        let object = alternatives(property).iter().find(|one| one.get("properties").is_some());
        if let (Some(Value::Object(inner)), Some(object)) = (arguments.get_mut(name), object) {
            put(inner, object);
        }
    }
}

/// The alternative of an object schema that these arguments are of: the first that has them all, with these values
/// where it lists some.
fn meant<'a>(schema: &'a Value, arguments: &Map<String, Value>) -> &'a Value {
    let has = |schema: &Value| {
        arguments.iter().all(|(name, value)| {
            match schema.get("properties").and_then(|all| all.get(name)) {
                Some(property) => value.is_null() || takes(property, value),
                None => match schema.get("additionalProperties") {
                    Some(Value::Bool(is_open)) => *is_open,
                    Some(others) => takes(others, value),
                    None => false, // the grammar closes it
                },
            }
        })
    };
    match alternatives(schema) {
        [only] => only,
        all => {
            let mut having = all.iter().map(|one| meant(one, arguments)).filter(|one| has(one));
            // One that requires what isn't there was not written.
            let is_whole =
                |one: &&Value| required(one).all(|(name, _)| arguments.contains_key(name));
            having.clone().find(is_whole).or_else(|| having.next()).unwrap_or(schema)
        }
    }
}

/// The required properties of an object schema.
fn required(schema: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let names = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    let property = |name: &str| schema.get("properties").and_then(|all| all.get(name));
    names.filter_map(Value::as_str).filter_map(move |name| Some((name, property(name)?)))
}

/// The other properties of an object schema.
fn optional(schema: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    let is_required = |name: &str| required(schema).any(|(required, _)| required == name);
    properties
        .map(|(name, property)| (name.as_str(), property))
        .filter(move |(name, _)| !is_required(name))
}

/// Whether an optional property that is `null` was not said. One that takes `null` is sent without it, too: nearly
/// always that is its default.
fn may_be_left_out(property: &Value) -> bool {
    may_be_unsaid(property) || property.is_object() && takes_null(property)
}

fn takes_null(property: &Value) -> bool {
    let values = property.get("enum").and_then(Value::as_array);
    let of_a_kind = match property.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "null"),
        _ => alternatives(property).iter().any(is_null),
    };
    of_a_kind || values.is_some_and(|values| values.contains(&Value::Null))
}

fn may_be_unsaid(property: &Value) -> bool {
    let values = property.get("enum").and_then(Value::as_array);
    property.is_object()
        && property.get("const").is_none()
        && !takes_null(property)
        && values.is_none_or(|values| values.len() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_required_may_be_not_said() {
        let original = json!({ "required": ["city", "days", "unit", "kind", "note", "to"], "properties": {
            "city": { "type": "string" }, "days": { "type": "integer" }, "unit": { "type": "string", "enum": ["c", "f"] },
            "kind": { "const": "now" }, "note": { "type": ["string", "null"] }, "more": { "const": "x" },
            "to": { "required": ["mail"], "properties": { "mail": { "type": "string" } } } } });
        let mut schema = original.clone();
        schema["properties"]["city"] = json!({ "enum": ["Oslo"] });
        schema["properties"]["days"] = json!(false);
        offer(&mut schema, &original, true);
        assert_eq!(
            schema["properties"],
            json!({ "city": { "enum": ["Oslo", null] }, "days": { "type": "null" },
                "unit": { "enum": ["c", "f", null] }, "kind": { "const": "now" },
                "note": { "type": ["string", "null"] }, "more": { "const": "x" },
                "to": { "required": ["mail"],
                    "properties": { "mail": { "anyOf": [{ "type": "string" }, { "type": "null" }] } } } })
        );
    }

    #[test]
    fn what_is_optional_is_asked_for_by_its_name() {
        let number = json!({ "type": "number" });
        let original = json!({ "required": ["city"], "properties": { "city": { "type": "string" }, "days": number,
            "unit": { "type": "string", "enum": ["c", "f"] }, "kind": { "const": "now" }, "note": { "type": ["string", "null"] },
            "size": { "properties": { "width": number, "height": number } } } });
        let mut schema = original.clone();
        schema["properties"].as_object_mut().unwrap().shift_remove("days"); // no number was said
        offer(&mut schema, &original, true);
        let or_null = |schema: Value| json!({ "anyOf": [schema, { "type": "null" }] });
        let size = json!({ "required": ["width", "height"],
            "properties": { "width": or_null(number.clone()), "height": or_null(number.clone()) } });
        assert_eq!(
            schema["properties"],
            json!({ "city": or_null(json!({ "type": "string" })), "unit": { "enum": ["c", "f", null] },
                "kind": { "const": "now" }, "note": { "type": ["string", "null"] }, "size": or_null(size) })
        );
        assert_eq!(schema["required"], json!(["city", "unit", "note", "size"]));

        let mut arguments = Map::from_iter([("city".to_owned(), json!("Oslo"))]);
        put(&mut arguments, &schema);
        let all = json!({ "city": "Oslo", "unit": null, "note": null, "size": null });
        assert_eq!(Value::Object(arguments.clone()), all);
        assert_eq!(take(&mut arguments, &original), [""; 0]);
        assert_eq!(json!(arguments), json!({ "city": "Oslo" }));
        arguments.insert("size".into(), json!({ "height": null, "width": null }));
        assert_eq!(take(&mut arguments, &original), [""; 0]);
        assert_eq!(json!(arguments), json!({ "city": "Oslo" }), "nothing of it was said");
    }

    #[test]
    fn what_counts_its_properties_or_has_too_many_is_named() {
        let property = json!({ "type": "boolean" });
        let names = |count: usize| (0..count).map(|i| (format!("p{i}"), property.clone()));
        let few = json!({ "properties": Map::from_iter(names(3)) });
        let counted = json!({ "maxProperties": 2, "properties": Map::from_iter(names(3)) });
        let many = json!({ "properties": Map::from_iter(names(MAX_OPTIONAL + 1)) });
        for (original, is_asked) in [(few, true), (counted, false), (many, false)] {
            let mut schema = original.clone();
            offer(&mut schema, &original, true);
            assert_eq!(schema != original, is_asked, "{original}");
        }
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
        arguments.insert("note".into(), Value::Null);
        let mut narrowed = schema.clone();
        offer(&mut narrowed, &schema, true);
        put(&mut arguments, &narrowed);
        let all = json!({ "to": { "mail": null }, "note": null, "city": null, "days": null });
        assert_eq!(json!(arguments), all);
        assert_eq!(take(&mut arguments, &schema), ["city", "to.mail"]);
        assert_eq!(json!(arguments), json!({ "to": {}, "days": 3, "note": null }));
    }
}
