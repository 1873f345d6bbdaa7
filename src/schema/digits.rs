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

/// Writes a schema's listed values as their digits where no float holds them.
pub fn quote(schema: &mut Value) {
    let quoted = |value: &mut Value| match value {
        Value::Number(number) if is_unsafe(number) => {
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

/// Makes numbers of digits that stand where a schema takes no text.
pub fn restore(value: &mut Value, schema: &Value) {
    let schemas = alternatives(schema);
    if schemas.len() > 1 {
        let is_other = |schema: &&Value| !takes_text(schema);
        match value {
            Value::String(_) if schemas.iter().any(takes_text) => {}
            _ => schemas.iter().filter(is_other).for_each(|schema| restore(value, schema)),
        }
        return;
    }
    let nothing = Map::new();
    let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&nothing);
    match value {
        Value::String(text) if !takes_text(schema) => {
            let signed = text.parse::<i64>().map(Number::from);
            let number = signed.or_else(|_| text.parse::<u64>().map(Number::from));
            if let Some(number) = number.ok().filter(is_unsafe) {
                *value = number.into();
            }
        }
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

fn takes_text(schema: &Value) -> bool {
    match schema.get("type").and_then(Value::as_str) {
        Some(kind) => kind == "string",
        None => schema
            .get("enum")
            .and_then(Value::as_array)
            .is_none_or(|values| values.iter().any(Value::is_string)),
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
        let schema = json!({ "properties": { "id": { "type": "integer" }, "name": { "type": "string" },
            "ids": { "items": { "anyOf": [{ "type": "integer" }, { "type": "null" }] } } } });
        let text = id.to_string();
        let mut arguments = json!({ "id": text, "name": text, "ids": [text, null, "12"] });
        restore(&mut arguments, &schema);
        assert_eq!(arguments, json!({ "id": id, "name": text, "ids": [id, null, "12"] }));
        spell(&mut arguments);
        assert_eq!(arguments, json!({ "id": text, "name": text, "ids": [text, null, "12"] }));
    }
}
