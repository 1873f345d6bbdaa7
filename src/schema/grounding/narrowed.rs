//! A schema's places narrowed to what a question offers for each.

use serde_json::{Map, Value, json};

use super::Grounding;
use crate::schema::alternatives::{alternatives, is_null};
use crate::schema::codes::CodeList;
use crate::schema::flattened::flattened;
use crate::schema::form::Form;
use crate::schema::not_said;

impl Grounding {
    /// A tool's [flattened] parameters narrowed to what the question offers, or is said not to.
    pub fn narrowed(&self, parameters: &Value) -> Value {
        let mut schema = parameters.clone();
        self.narrow(&mut schema);
        not_said::offer(&mut schema, parameters, self.not_said);
        schema
    }

    /// Narrows the properties of an object schema, and of its alternatives, to what the question offers. A property
    /// for which it offers nothing becomes `false`, which no value satisfies, if it is required, and is left out if it
    /// is optional: a question without a number or a date asks for none. Where `null` is a value, that is left.
    pub fn narrow(&self, schema: &mut Value) {
        if let Some(list) = list_of_alternatives(schema) {
            list.iter_mut().for_each(|alternative| self.narrow(alternative));
        }
        let required = schema.get("required").cloned().unwrap_or_default();
        let is_required =
            |name: &str| required.as_array().is_some_and(|names| names.iter().any(|n| n == name));
        let least = schema.get("minProperties").and_then(Value::as_u64).unwrap_or(0) as usize;
        let Some(Value::Object(properties)) = schema.get_mut("properties") else { return };
        let all: Vec<String> = properties.keys().cloned().collect();
        properties.retain(|name, property| {
            let takes_null = alternatives(property).iter().any(is_null);
            let offered = self.narrow_value(name, property);
            if !offered && is_required(name) {
                *property = if takes_null { json!({ "type": "null" }) } else { false.into() };
            }
            offered || is_required(name)
        });
        // None of several is in the question, and one must be: any may be asked for.
        if properties.len() < least {
            for name in &all {
                properties.entry(name.as_str()).or_insert_with(|| json!({ "type": "null" }));
            }
            schema["required"] = all.into();
        }
    }

    /// The required properties of an object schema that neither the question has a value for nor a `default` is
    /// there, with the objects that they are in before them, apart by dots. Any text of a question may be a free text.
    pub fn lacking(&self, schema: &Value) -> Vec<String> {
        let schema = flattened(schema).unwrap_or_else(|_| schema.clone());
        let mut narrowed = schema.clone();
        self.narrow(&mut narrowed);
        lacking(&narrowed, &schema)
    }

    /// Whether something is left to choose: false when the question offers nothing for it.
    fn narrow_value(&self, name: &str, schema: &mut Value) -> bool {
        if let Some(count) = list_of_alternatives(schema).map(|list| list.len()) {
            return self.narrow_alternatives(name, schema, count);
        }
        if schema.get("items").is_some_and(Value::is_object) {
            return self.narrow_list(name, schema);
        }
        if let Some(first) = ["prefixItems", "items"].into_iter().find(|k| schema[k].is_array()) {
            let mut offered = true;
            for item in schema[first].as_array_mut().into_iter().flatten() {
                offered &= self.is_whole(name, item);
            }
            return offered;
        }
        if schema.get("properties").is_some() {
            self.narrow(schema);
            return properties(schema).any(|property| is_offered(property) && !is_null(property));
        }
        if let Some(values) = schema.get_mut("additionalProperties").filter(|v| v.is_object()) {
            return self.is_whole(name, values);
        }
        if let Some(Value::Array(values)) = schema.get_mut("enum") {
            self.narrow_codes(values);
            return true;
        }
        let Some(form) = Form::of(schema) else { return true };
        let mut values = self.values(&form, name, schema);
        if values.is_empty() && matches!(form, Form::Code(_)) {
            // No name is said: a model may know the country of "Paris".
            if schema.get("pattern").is_some() {
                return true;
            }
            values = self.values(&Form::Text, name, schema);
        }
        let offered = !values.is_empty();
        if offered {
            // What the grammar doesn't hold stays, so that it is refused.
            let rest = ["not", "allOf"].map(|keyword| (keyword, schema.get(keyword).cloned()));
            *schema = json!({ "enum": values });
            for (keyword, rest) in rest {
                rest.into_iter().for_each(|rest| schema[keyword] = rest);
            }
        }
        offered
    }

    /// Of listed codes those stay whose names are said, if some are: "show me rand" is `ZAR`.
    fn narrow_codes(&self, values: &mut Vec<Value>) {
        let Some(list) = CodeList::of_values(values) else { return };
        let named = list.named_in(&self.said);
        let is_named = |value: &Value| value.as_str().is_some_and(|code| named.contains(&code));
        if values.iter().any(is_named) {
            values.retain(is_named);
        }
    }

    /// Of alternatives those stay that the question has values for.
    fn narrow_alternatives(&self, name: &str, schema: &mut Value, count: usize) -> bool {
        let description = schema.get("description").cloned();
        let mut offered = false;
        for at in 0..count {
            let Some(alternative) = list_of_alternatives(schema).and_then(|l| l.get_mut(at)) else {
                break;
            };
            // It may say which unit a number is in.
            if let (Value::Object(own), Some(text)) = (&mut *alternative, &description) {
                own.entry("description").or_insert_with(|| text.clone());
            }
            if is_null(alternative) {
                continue;
            }
            if self.is_whole(name, alternative) {
                offered = true;
            } else {
                *alternative = Value::Bool(false);
            }
        }
        offered
    }

    fn narrow_list(&self, name: &str, schema: &mut Value) -> bool {
        let offered = self.is_whole(name, &mut schema["items"]);
        // A list of the question's values is no longer than the question; without a bound, a model that
        // has begun to repeat itself goes on until its tokens are spent.
        let most = schema.get("maxItems").and_then(Value::as_u64).unwrap_or(u64::MAX);
        let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0);
        if schema["items"].get("enum").is_some() {
            schema["maxItems"] = json!(self.words.max(least).min(most));
        }
        offered
    }

    /// Narrows a value of which no part is asked for by itself, an item or an alternative: what lacks one is not
    /// offered.
    fn is_whole(&self, name: &str, schema: &mut Value) -> bool {
        self.narrow_value(name, schema) && properties(schema).all(is_offered)
    }
}

fn list_of_alternatives(schema: &mut Value) -> Option<&mut Vec<Value>> {
    let keyword = ["anyOf", "oneOf"].into_iter().find(|k| schema.get(k).is_some())?;
    schema.get_mut(keyword)?.as_array_mut()
}

/// Of alternatives, what none of them can do without.
fn lacking(narrowed: &Value, schema: &Value) -> Vec<String> {
    let (own, original) = (alternatives(narrowed), alternatives(schema));
    if own.len() > 1 {
        let mut each = own.iter().zip(original).map(|(own, original)| lacking(own, original));
        let mut all = each.next().unwrap_or_default();
        each.for_each(|names| all.retain(|name| names.contains(name)));
        return all;
    }
    let mut names = Vec::new();
    let nothing = Map::new();
    for (name, value) in narrowed.get("properties").and_then(Value::as_object).unwrap_or(&nothing) {
        let original = &schema["properties"][name];
        if original.get("default").is_some() {
            continue;
        }
        if !is_offered(value) {
            names.push(name.clone());
        } else if value.get("properties").is_some() {
            names.extend(lacking(value, original).iter().map(|part| format!("{name}.{part}")));
        }
    }
    names
}

fn properties(schema: &Value) -> impl Iterator<Item = &Value> {
    schema.get("properties").and_then(Value::as_object).into_iter().flat_map(Map::values)
}

/// Whether a narrowed property has a value left.
fn is_offered(property: &Value) -> bool {
    *property != Value::Bool(false)
}
