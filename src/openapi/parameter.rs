//! One parameter: where it stands in the document, and how its value is written.
//!
//! Sources: Parameter Object (OpenAPI 3.1, section 4.8.12; Swagger 2.0).

use serde_json::{Map, Value};

use super::Reason;
use super::document::{Document, Version};
use crate::schema::alternatives;

/// A parameter and where it stands in the document.
pub(super) type Found<'a> = (&'a Map<String, Value>, String);

/// An operation's parameters, then those of its path that it does not override.
pub(super) fn parameters<'a>(
    document: &'a Document,
    item: &'a Value,
    operation: &'a Value,
    at: &str,
) -> Result<Vec<Found<'a>>, Reason> {
    let mut found: Vec<Found> = Vec::new();
    for level in [operation, item] {
        let list = match level.get("parameters") {
            None | Some(Value::Null) => continue,
            Some(Value::Array(list)) => list,
            Some(_) => {
                let at = format!("{at}.parameters");
                return Err(Reason::Malformed { at, expected: "an array" });
            }
        };
        for (index, parameter) in list.iter().enumerate() {
            let at = format!("{at}.parameters[{index}]");
            let parameter = document.object(parameter, &at)?;
            let same = |(other, _): &(&Map<String, Value>, String)| {
                ["name", "in"].iter().all(|key| other.get(*key) == parameter.get(*key))
            };
            if !found.iter().any(same) {
                found.push((parameter, at));
            }
        }
    }
    // Required ones first: a tool's size is limited.
    found.sort_by_key(|(parameter, _)| !is_required(parameter));
    Ok(found)
}

/// A value that the importer gives, as it stands in a place.
pub(super) fn fixed_text(value: &str, place: &str) -> String {
    if place != "path" {
        return value.to_owned();
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let encoded = value.bytes().map(|byte| match is_plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    });
    encoded.collect()
}

pub(super) fn is_nested_list(schema: &Value) -> bool {
    let items = alternatives(&schema["items"]);
    items.iter().any(|item| matches!(item["type"].as_str(), Some("object" | "array")))
}

pub(super) fn is_required(parameter: &Map<String, Value>) -> bool {
    parameter.get("required") == Some(&Value::Bool(true))
        || parameter.get("in").is_some_and(|place| place == "path")
}

/// The only value that a schema allows, as text; one with braces would read as a template.
pub(super) fn literal(schema: &Value) -> Option<String> {
    let [value] = schema.get("enum")?.as_array()?.as_slice() else { return None };
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    (!text.contains(['{', '}', '/', '?', '#', '%', ' '])).then_some(text)
}

/// What follows a list's name in a template: nothing for what the place has by itself, `*` for the name again with each
/// item, a mark that the items are joined with. By itself a query has commas, and a form the name again. Paths and headers
/// have commas always.
pub(super) fn list_mark(
    parameter: &Map<String, Value>,
    place: &str,
    version: Version,
) -> &'static str {
    if place != "query" && place != "formData" {
        return "";
    }
    let text = |field: &str| parameter.get(field).and_then(Value::as_str);
    match version {
        Version::Swagger2 => match text("collectionFormat") {
            Some("multi") => "*",
            Some("pipes") => "|",
            Some("ssv") => " ",
            Some("tsv") => "\t",
            _ if place == "formData" => ",",
            _ => "",
        },
        Version::OpenApi3 => match (text("style"), parameter.get("explode")) {
            (_, Some(Value::Bool(true))) => "*",
            (Some("pipeDelimited"), _) => "|",
            (Some("spaceDelimited"), _) => " ",
            (_, Some(Value::Bool(false))) => "",
            _ => "*",
        },
    }
}
