//! JSON Schemas narrowed to the keywords that the argument grammar holds.
//!
//! Whatever satisfies the narrowed schema satisfies the document's: of several alternatives one is
//! taken, an optional property that can't be held is left out, objects are closed, and where anything
//! may stand a text does. The exceptions are keywords that the grammar does not hold (unknown formats,
//! intricate patterns, `uniqueItems`) and enumerations of hundreds: they are dropped, since services
//! check them anyway. Schema Objects are those of OpenAPI 3.0, section
//! 4.7.24, and 3.1, section 4.8.24; their keywords are read side by side.

use serde_json::{Map, Value};

use super::keywords::unsupported_keyword;
use super::references::{References, Unsupported};
use super::scalar::{bounds, scalar};
use crate::tool::text::{plain, shortened};

/// Levels of objects and arrays that required values may have.
const MAX_DEPTH: usize = 6;
/// Levels at which an optional object is kept.
const MAX_OPTIONAL_DEPTH: usize = 2;
/// Schemas that one tool may have: a model reads them all before it writes arguments.
const MAX_SCHEMAS: usize = 48;
/// Schemas that are looked at for one tool, those that come to nothing included.
const MAX_WORK: usize = 4000;
/// Characters of a parameter's description.
const MAX_DESCRIPTION: usize = 120;

/// A JSON Schema of arguments from elsewhere, such as an MCP server, narrowed to what the argument grammar
/// supports: whatever satisfies the result satisfies `schema`, where formats, intricate patterns and `uniqueItems`
/// are left to who takes the arguments. References lead into `schema` itself.
pub fn narrow(schema: &Value) -> Result<Value, Unsupported> {
    if let Some(keyword) = unsupported_keyword(schema) {
        let (at, problem) = (format!("parameters: {keyword}"), "is not supported");
        return Err(Unsupported::Schema { at, problem });
    }
    Narrower::new(References::new(schema)).narrow(schema, "parameters")
}

/// Narrows the schemas of one operation.
pub struct Narrower<'a> {
    references: References<'a>,
    schemas: usize,
    work: usize,
}

impl<'a> Narrower<'a> {
    /// For the schemas of one operation or tool.
    pub fn new(references: References<'a>) -> Self {
        Self { references, schemas: 0, work: 0 }
    }

    /// The schema that stands at JSON path `at`, narrowed.
    pub fn narrow(&mut self, schema: &Value, at: &str) -> Result<Value, Unsupported> {
        self.value(schema, at, 0)
    }

    fn value(&mut self, schema: &Value, at: &str, depth: usize) -> Result<Value, Unsupported> {
        if depth > MAX_DEPTH {
            return Err(cannot(at, "is nested too deeply"));
        }
        let (mut schema, alternatives) = self.flat(schema, at, 0)?;
        let Some(alternatives) = alternatives else { return self.typed(&schema, at, depth) };
        // The first alternative that can be held.
        let mut reason = cannot(at, "has no alternative");
        for (index, alternative) in alternatives.iter().enumerate() {
            let kept = self.schemas;
            let own = schema.clone();
            let narrowed = self.flat(alternative, &format!("{at}[{index}]"), 0).and_then(
                |(alternative, nested)| {
                    merge(&mut schema, alternative);
                    match nested {
                        None => self.typed(&schema, at, depth),
                        Some(_) => Err(cannot(at, "has alternatives within alternatives")),
                    }
                },
            );
            match narrowed {
                Ok(narrowed) => return Ok(narrowed),
                Err(error) => reason = error,
            }
            (schema, self.schemas) = (own, kept);
        }
        Err(reason)
    }

    /// A schema's keywords with those of its `allOf` merged in, and the alternatives (`oneOf`, `anyOf`)
    /// of which one must hold too.
    #[allow(clippy::type_complexity)]
    fn flat(
        &mut self,
        schema: &Value,
        at: &str,
        depth: usize,
    ) -> Result<(Map<String, Value>, Option<Vec<Value>>), Unsupported> {
        self.work += 1;
        if self.work > MAX_WORK || depth > MAX_DEPTH {
            return Err(cannot(at, "is too large"));
        }
        let mut own = match self.references.resolve(schema, at)? {
            Value::Object(object) => object.clone(),
            Value::Bool(true) => Map::new(),
            Value::Bool(false) => return Err(cannot(at, "allows nothing")),
            _ => return Err(Unsupported::Malformed { at: at.into(), expected: "a schema" }),
        };
        // A reference's own description goes before its target's (OpenAPI 3.1).
        if let Some(description) =
            schema.get("description").filter(|_| schema.get("$ref").is_some())
        {
            own.insert("description".into(), description.clone());
        }
        let mut alternatives = None;
        for keyword in ["oneOf", "anyOf"] {
            if let Some(Value::Array(list)) = own.remove(keyword) {
                alternatives = Some(list);
            }
        }
        if let Some(Value::Array(parts)) = own.remove("allOf") {
            for (index, part) in parts.iter().enumerate() {
                let at = format!("{at}.allOf[{index}]");
                let (part, nested) = self.flat(part, &at, depth + 1)?;
                merge(&mut own, part);
                alternatives = alternatives.or(nested);
            }
        }
        Ok((own, alternatives))
    }

    fn typed(
        &mut self,
        schema: &Map<String, Value>,
        at: &str,
        depth: usize,
    ) -> Result<Value, Unsupported> {
        if self.schemas == MAX_SCHEMAS {
            return Err(cannot(at, "makes the tool too large"));
        }
        self.schemas += 1;
        let kind =
            kind(schema).ok_or_else(|| cannot(at, "allows null alone or an unknown type"))?;
        let mut out = Map::new();
        out.insert("type".into(), kind.into());
        let description = schema.get("description").and_then(Value::as_str).map(plain);
        if let Some(description) = description.filter(|text| !text.is_empty()) {
            out.insert("description".into(), shortened(&description, MAX_DESCRIPTION).into());
        }
        match kind {
            "object" => self.object(schema, at, depth, &mut out)?,
            "array" => self.array(schema, at, depth, &mut out)?,
            "string" if schema.get("format").is_some_and(|f| f == "binary") => {
                return Err(cannot(at, "is binary data"));
            }
            _ => scalar(schema, kind, &mut out),
        }
        Ok(Value::Object(out))
    }

    fn object(
        &mut self,
        schema: &Map<String, Value>,
        at: &str,
        depth: usize,
        out: &mut Map<String, Value>,
    ) -> Result<(), Unsupported> {
        let nothing = Map::new();
        let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&nothing);
        let listed = schema.get("required").and_then(Value::as_array).into_iter().flatten();
        let listed: Vec<&str> = listed.filter_map(Value::as_str).collect();
        // Services set read-only properties themselves, even required ones (Schema Object, `readOnly`).
        let is_read_only = |name: &str| {
            properties.get(name).is_some_and(|p| p.get("readOnly") == Some(&Value::Bool(true)))
        };
        let mut held = Map::new();
        let mut required = Vec::new();
        for name in listed {
            if !is_read_only(name) && !held.contains_key(name) {
                let property = properties.get(name).unwrap_or(&Value::Bool(true));
                let property = self.value(property, &format!("{at}.{name}"), depth + 1)?;
                held.insert(name.to_owned(), property);
                required.push(Value::from(name));
            }
        }
        for (name, property) in properties {
            if held.contains_key(name) || is_read_only(name) {
                continue;
            }
            let kept = self.schemas;
            match self.value(property, &format!("{at}.{name}"), depth + 1) {
                Ok(property) if depth < MAX_OPTIONAL_DEPTH || !is_nested(&property) => {
                    held.insert(name.clone(), property);
                }
                _ => self.schemas = kept,
            }
        }
        if held.is_empty() {
            return Err(cannot(at, "is an object without named properties"));
        }
        out.insert("properties".into(), held.into());
        if !required.is_empty() {
            out.insert("required".into(), required.into());
        }
        out.insert("additionalProperties".into(), false.into());
        Ok(())
    }

    fn array(
        &mut self,
        schema: &Map<String, Value>,
        at: &str,
        depth: usize,
        out: &mut Map<String, Value>,
    ) -> Result<(), Unsupported> {
        let items = schema.get("items").unwrap_or(&Value::Bool(true));
        out.insert("items".into(), self.value(items, &format!("{at}.items"), depth + 1)?);
        bounds(schema, "minItems", "maxItems", out);
        Ok(())
    }
}

fn cannot(at: &str, problem: &'static str) -> Unsupported {
    Unsupported::Schema { at: at.into(), problem }
}

fn is_nested(schema: &Value) -> bool {
    schema["type"] == "object" || schema["items"]["type"] == "object"
}

/// Adds what `part` asks for to `schema`, whose own keywords stay.
fn merge(schema: &mut Map<String, Value>, part: Map<String, Value>) {
    for (keyword, value) in part {
        match (schema.get_mut(&keyword), value) {
            (None, value) => {
                schema.insert(keyword, value);
            }
            (Some(Value::Object(own)), Value::Object(more)) if keyword == "properties" => {
                for (name, property) in more {
                    own.entry(name).or_insert(property);
                }
            }
            (Some(Value::Array(own)), Value::Array(more)) if keyword == "required" => {
                own.extend(more);
            }
            _ => {}
        }
    }
}

/// The type that a value should have: of several the first but `null`; by its keywords if none is named.
fn kind(schema: &Map<String, Value>) -> Option<&'static str> {
    let known = |name: &str| {
        ["object", "array", "string", "integer", "number", "boolean"]
            .into_iter()
            .find(|known| *known == name)
    };
    match schema.get("type") {
        Some(Value::String(name)) => known(name),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).find_map(known),
        _ => {
            let has = |keywords: &[&str]| keywords.iter().any(|k| schema.contains_key(*k));
            let first = schema.get("enum").and_then(Value::as_array).and_then(|list| list.first());
            Some(match first.or(schema.get("const")) {
                Some(Value::Number(number)) if !number.is_f64() => "integer",
                Some(Value::Number(_)) => "number",
                Some(Value::Bool(_)) => "boolean",
                Some(_) => "string",
                None if has(&["properties", "additionalProperties"]) => "object",
                None if has(&["items"]) => "array",
                None if has(&["minimum", "maximum", "multipleOf"]) => "number",
                None => "string",
            })
        }
    }
}
