//! Whole numbers past 2^53, which llguidance and JavaScript hold as others: in the grammar they are texts of their digits.

use serde_json::{Map, Number, Value};

use super::alternatives::alternatives;

/// JavaScript's `Number.MAX_SAFE_INTEGER`.
const MAX_SAFE: u64 = (1 << 53) - 1;

/// Whether a whole number is past what a 64-bit float tells from its neighbours.
fn is_unsafe(number: &Number) -> bool {
    match (number.as_i64(), number.as_u64()) {
        (Some(signed), _) => signed.unsigned_abs() > MAX_SAFE,
        (None, Some(_)) => true,
        (None, None) => false,
    }
}

/// Whether a number is whole and past 64 bits, as 1e22 is: the grammar would write all of its digits.
fn is_long(number: &Number) -> bool {
    number.is_f64() && number.as_f64().is_some_and(|number| number.abs() >= 2f64.powi(63))
}

/// Writes a schema's listed values as their digits where no float holds them.
pub fn quote(schema: &mut Value) {
    let quoted = |value: &mut Value| match value {
        Value::Number(number) if is_unsafe(number) || is_long(number) => {
            *value = number.to_string().into();
            true
        }
        _ => false,
    };
    match schema {
        Value::Object(object) => {
            let mut any = object.get_mut("const").is_some_and(quoted);
            if let Some(Value::Array(values)) = object.get_mut("enum") {
                any |=
                    values.iter_mut().filter_map(|value| quoted(value).then_some(())).count() > 0;
            }
            if any {
                object.retain(|keyword, _| keyword == "enum" || keyword == "const");
            }
            object.values_mut().for_each(quote);
        }
        Value::Array(parts) => parts.iter_mut().for_each(quote),
        _ => {}
    }
}

/// Writes the numbers of arguments as their digits where JavaScript has none for them.
pub fn spell(value: &mut Value) {
    match value {
        Value::Number(number) if is_unsafe(number) => *value = number.to_string().into(),
        Value::Object(entries) => entries.values_mut().for_each(spell),
        Value::Array(items) => items.iter_mut().for_each(spell),
        _ => {}
    }
}

/// Makes numbers of the digits that [`spell`] wrote into a schema.
pub fn restore_schema(schema: &mut Value) {
    let object = match schema {
        Value::Object(object) => object,
        Value::Array(parts) => return parts.iter_mut().for_each(restore_schema),
        _ => return,
    };
    let is_number = |kind: &Value| kind == "integer" || kind == "number";
    let takes_numbers = match object.get("type") {
        Some(Value::Array(kinds)) => {
            kinds.iter().any(is_number) && kinds.iter().all(|kind| kind != "string")
        }
        kind => kind.is_some_and(is_number),
    };
    for (keyword, value) in object {
        match (keyword.as_str(), value) {
            ("minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum", value) => read(value),
            ("const" | "default", value) if takes_numbers => read(value),
            ("enum", Value::Array(values)) if takes_numbers => values.iter_mut().for_each(read),
            ("const" | "default" | "enum" | "examples", _) => {}
            (
                "properties" | "patternProperties" | "$defs" | "definitions",
                Value::Object(parts),
            ) => {
                parts.values_mut().for_each(restore_schema);
            }
            (_, value) => restore_schema(value),
        }
    }
}

/// Makes a number of digits that no float holds.
fn read(value: &mut Value) {
    let Value::String(text) = value else { return };
    let signed = text.parse::<i64>().map(Number::from);
    let number = signed.or_else(|_| text.parse::<u64>().map(Number::from)).ok();
    let float = || Number::from_f64(text.parse().ok()?).filter(is_long);
    if let Some(number) = number.filter(is_unsafe).or_else(float) {
        *value = number.into();
    }
}

/// Reads arguments that were written under a schema's grammar. A whole number that 64 bits don't hold is an error: it would
/// become another.
pub fn parse(text: &str, schema: &Value) -> Result<Value, String> {
    let mut arguments = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if has_long_number(text) {
        return Err("a number in it is too long".into());
    }
    restore(&mut arguments, schema);
    Ok(arguments)
}

/// Whether one of the digits outside of a JSON text's strings is a whole number past 64 bits.
fn has_long_number(json: &str) -> bool {
    let outside = json.replace("\\\\", "").replace("\\\"", "");
    let is_part = |c: char| c.is_ascii_digit() || "+-.eE".contains(c);
    let is_long = |run: &str| {
        run.trim_start_matches('-').len() > 15
            && run.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit())
            && run.parse::<i64>().is_err()
            && run.parse::<u64>().is_err()
    };
    outside.split('"').step_by(2).any(|part| part.split(|c| !is_part(c)).any(is_long))
}

/// Makes numbers of digits that stand where a schema takes no text.
fn restore(value: &mut Value, schema: &Value) {
    let schemas = alternatives(schema);
    if schemas.len() > 1 {
        let is_other = |schema: &&Value| !takes_text(schema);
        match value {
            // Digits that an alternative lists are that number.
            Value::String(text) if schemas.iter().any(|schema| lists(schema, text)) => read(value),
            Value::String(_) if schemas.iter().any(takes_text) => {}
            _ => schemas.iter().filter(is_other).for_each(|schema| restore(value, schema)),
        }
        return;
    }
    let nothing = Map::new();
    let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&nothing);
    match value {
        Value::String(text) if lists(schema, text) || !takes_text(schema) => read(value),
        Value::Object(entries) => {
            for (name, value) in entries {
                properties.get(name).into_iter().for_each(|schema| restore(value, schema));
            }
        }
        Value::Array(items) => {
            let first = schema.get("prefixItems").and_then(Value::as_array);
            for (index, item) in items.iter_mut().enumerate() {
                let own = first.and_then(|first| first.get(index)).or(schema.get("items"));
                own.into_iter().for_each(|schema| restore(item, schema));
            }
        }
        _ => {}
    }
}

/// Whether a schema lists a number of these digits.
fn lists(schema: &Value, digits: &str) -> bool {
    let is_it = |value: &Value| {
        let text = value.to_string();
        value.is_number() && text == digits
    };
    schema.get("const").is_some_and(is_it)
        || schema.get("enum").and_then(Value::as_array).is_some_and(|all| all.iter().any(is_it))
}

fn takes_text(schema: &Value) -> bool {
    let all = alternatives(schema);
    if all.len() > 1 {
        return all.iter().any(takes_text);
    }
    if let Some(kind) = schema.get("type").and_then(Value::as_str) {
        return kind == "string";
    }
    match (schema.get("enum").and_then(Value::as_array), schema.get("const")) {
        (Some(values), _) => values.iter().any(Value::is_string),
        (None, value) => value.is_none_or(Value::is_string),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_no_float_holds_goes_through_the_grammar_as_digits() {
        let id = 1_234_567_890_123_456_789_u64;
        let mut schema = json!({ "properties": { "id": { "type": "integer", "enum": [id, 7] } } });
        quote(&mut schema);
        assert_eq!(schema["properties"]["id"], json!({ "enum": [id.to_string(), 7] }));
        let mut long = json!({ "const": 1e22 });
        quote(&mut long);
        assert!(long["const"].is_string(), "{long}");
        let mut value = long["const"].clone();
        restore(&mut value, &json!({ "const": 1e22 }));
        assert_eq!(value, json!(1e22));
        let schema = json!({ "properties": { "id": { "type": "integer" }, "name": { "type": "string" },
            "ids": { "items": { "anyOf": [{ "type": "integer" }, { "type": "null" }] } } } });
        let text = id.to_string();
        let mut arguments = json!({ "id": text, "name": text, "ids": [text, null, "12"] });
        restore(&mut arguments, &schema);
        assert_eq!(arguments, json!({ "id": id, "name": text, "ids": [id, null, "12"] }));
        spell(&mut arguments);
        assert_eq!(arguments, json!({ "id": text, "name": text, "ids": [text, null, "12"] }));
    }

    #[test]
    fn a_schema_goes_to_javascript_and_back() {
        let id = 9_007_199_254_740_993_i64;
        let schema = json!({ "properties": {
            "id": { "type": "integer", "enum": [id, 7], "default": id }, "maximum": { "type": ["null", "number"], "const": id },
            "page": { "type": "integer", "maximum": i64::MAX, "minimum": i64::MIN },
            "code": { "type": "string", "enum": [id.to_string()], "default": "1" } },
            "items": [{ "anyOf": [{ "exclusiveMaximum": u64::MAX }] }] });
        let mut there = schema.clone();
        spell(&mut there);
        assert!(there.to_string().contains("\"9007199254740993\",7"), "{there}");
        restore_schema(&mut there);
        assert_eq!(there, schema);
    }

    #[test]
    fn a_number_is_read_as_it_was_written_or_not_at_all() {
        let read =
            |text: &str| parse(text, &json!({ "properties": { "n": { "type": "integer" } } }));
        assert_eq!(
            read(r#"{"n": "9007199254740993"}"#).unwrap(),
            json!({ "n": 9_007_199_254_740_993_i64 })
        );
        assert_eq!(read(r#"{"n": -9223372036854775808}"#).unwrap(), json!({ "n": i64::MIN }));
        assert!(read(r#"{"n": 18446744073709551616}"#).is_err());
        assert!(read(r#"{"a\\": [1, -9223372036854775809]}"#).is_err());
        assert!(read(r#"{"n": 1e999}"#).is_err());
        let id = 9_007_199_254_740_993_i64;
        let alone = json!({ "properties": { "id": { "const": id } } });
        assert_eq!(parse(r#"{"id": "9007199254740993"}"#, &alone).unwrap(), json!({ "id": id }));
        let either =
            json!({ "properties": { "id": { "anyOf": [{ "type": "string" }, { "const": id }] } } });
        assert_eq!(parse(r#"{"id": "9007199254740993"}"#, &either).unwrap(), json!({ "id": id }));
        assert_eq!(
            parse(r#"{"id": "9007199254740995"}"#, &either).unwrap(),
            json!({ "id": "9007199254740995" })
        );
        let text = r#"{"a\\\" 18446744073709551616": "99999999999999999999", "b": 1.25}"#;
        assert_eq!(read(text).unwrap()["b"], 1.25);
    }
}
