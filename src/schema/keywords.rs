//! Keywords of JSON Schema that neither the argument grammar nor narrowing takes account of.

use serde_json::{Map, Value};

/// A keyword somewhere in a schema that narrowing would pass over, so that less would hold than it says.
pub(super) fn unsupported_keyword(schema: &Value) -> Option<&'static str> {
    const KEYWORDS: [&str; 9] = [
        "not",
        "if",
        "contains",
        "dependentRequired",
        "dependentSchemas",
        "dependencies",
        "propertyNames",
        "minProperties",
        "unevaluatedProperties",
    ];
    let object = schema.as_object()?;
    let own = KEYWORDS.into_iter().find(|keyword| object.contains_key(*keyword));
    let within = |keyword: &&str| object.get(*keyword);
    let maps = ["properties", "$defs", "definitions"];
    let maps = maps.iter().filter_map(within).filter_map(Value::as_object).flat_map(Map::values);
    let lists = ["anyOf", "oneOf", "allOf", "prefixItems"];
    let lists = lists.iter().filter_map(within).filter_map(Value::as_array).flatten();
    own.or_else(|| maps.chain(lists).chain(object.get("items")).find_map(unsupported_keyword))
}
