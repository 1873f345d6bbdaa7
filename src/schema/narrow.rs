//! JSON Schemas narrowed to the keywords that the argument grammar holds.
//!
//! Whatever satisfies the narrowed schema satisfies the document's: of several alternatives one is
//! taken, an optional property that can't be held is left out, objects are closed, and where anything
//! may stand a text does. The exceptions are keywords that the grammar does not hold (unknown formats,
//! intricate patterns, lengths beside a format, steps below a millionth, `uniqueItems`) and enumerations of hundreds: they
//! are dropped, since services check them anyway. What has a default need not be said. Of `oneOf` an alternative is
//! taken whether or not others that can't be told from it hold too, since mostly `anyOf` is meant. Schema Objects are
//! those of OpenAPI 3.0, section 4.7.24, and 3.1, section 4.8.24; their keywords are read side by side.

use regex::RegexBuilder;
use serde_json::{Map, Value, json};

use super::alternatives::{alternatives, are_apart, union};
use super::form::MAX_PATTERN;
use super::gathered::{Gatherer, impossible, is_impossible};
use super::references::{References, Unsupported};
use super::scalar::{bounds, kind, scalar, takes};
use crate::tool::text::{plain, shortened};

/// Levels of objects and arrays that required values may have.
const MAX_DEPTH: usize = 6;
/// Levels at which an optional object is kept.
const MAX_OPTIONAL_DEPTH: usize = 2;
/// Schemas that one tool may have: a model reads them all before it writes arguments.
const MAX_SCHEMAS: usize = 48;
/// Alternatives that one place may have.
const MAX_ALTERNATIVES: usize = 8;
/// Characters of a parameter's description.
const MAX_DESCRIPTION: usize = 120;

/// Keywords that the grammar doesn't hold, and without which more would be allowed than the schema allows.
const UNHELD: [(&str, &str); 3] = [
    ("not", "has `not`, which is not supported"),
    ("contains", "has `contains`, which is not supported"),
    ("propertyNames", "has `propertyNames`, which is not supported"),
];

/// Keywords that are dropped, and named, where the grammar doesn't hold them.
const LEFT_TO_SERVICES: [&str; 4] = ["enum", "pattern", "multipleOf", "uniqueItems"];

/// A JSON Schema of arguments from elsewhere, such as an MCP server, narrowed to what the argument grammar
/// supports: whatever satisfies the result satisfies `schema`, where formats, intricate patterns and `uniqueItems`
/// are left to who takes the arguments. References lead into `schema` itself. Beside it what was left out.
pub fn narrow(schema: &Value) -> Result<(Value, Vec<String>), Unsupported> {
    let mut narrower = Narrower::new(References::new(schema));
    let narrowed = narrower.narrow(schema, "parameters")?;
    Ok((narrowed, narrower.left_out))
}

/// Narrows the schemas of one operation.
pub struct Narrower<'a> {
    gatherer: Gatherer<'a>,
    schemas: usize,
    /// What of the schemas can't be written, each part as its JSON path and why.
    pub left_out: Vec<String>,
}

impl<'a> Narrower<'a> {
    /// For the schemas of one operation or tool.
    pub fn new(references: References<'a>) -> Self {
        Self { gatherer: Gatherer::new(references), schemas: 0, left_out: Vec::new() }
    }

    /// The schema that stands at JSON path `at`, narrowed.
    pub fn narrow(&mut self, schema: &Value, at: &str) -> Result<Value, Unsupported> {
        self.value(schema, at, 0)
    }

    fn value(&mut self, schema: &Value, at: &str, depth: usize) -> Result<Value, Unsupported> {
        if depth > MAX_DEPTH {
            return Err(cannot(at, "is nested too deeply"));
        }
        let mut gathered = self.gatherer.gather(schema, at)?;
        let Some((keyword, alternatives)) = gathered.alternatives() else {
            return self.typed(&gathered.own, at, depth);
        };
        let is_exclusive = keyword == "oneOf";
        let (before, mut most) = (self.schemas, self.schemas);
        let mut reason = cannot(at, "has no alternative");
        let mut held: Vec<Value> = Vec::new();
        for (index, alternative) in alternatives.iter().enumerate() {
            let noted = self.left_out.len();
            // What alternatives share is read once.
            self.schemas = before;
            match self.value(alternative, &format!("{at}[{index}]"), depth) {
                Ok(schema) if held.contains(&schema) => {}
                Ok(_) if held.len() == MAX_ALTERNATIVES => {
                    self.left_out.push(format!("{at}[{index}] is one alternative too many"));
                }
                Ok(schema) if is_exclusive && !held.iter().all(|own| are_apart(own, &schema)) => {
                    self.left_out.truncate(noted);
                    let problem = "can't be told from another alternative";
                    self.left_out.push(format!("{at}[{index}] {problem}"));
                }
                Ok(schema) => {
                    most = most.max(self.schemas);
                    held.push(schema);
                }
                Err(error) => {
                    self.left_out.truncate(noted);
                    if !is_of_no_use(&error) {
                        self.left_out.push(error.to_string());
                    }
                    reason = error;
                }
            }
        }
        self.schemas = most;
        let mut schema = match held.len() {
            0 => return Err(reason),
            1 => held.remove(0),
            // Those that exclude each other need no word that says so.
            _ => union("anyOf", held),
        };
        if let Some(text) = description(&gathered.own) {
            schema["description"] = text;
        }
        keep_default(&gathered.own, &mut schema);
        Ok(schema)
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
        if let Some((_, problem)) = UNHELD.iter().find(|(keyword, _)| schema.contains_key(*keyword))
        {
            return Err(cannot(at, problem));
        }
        let kind = kind(schema).ok_or_else(|| cannot(at, NULL))?;
        let mut out = Map::new();
        out.insert("type".into(), kind.into());
        if let Some(text) = description(schema) {
            out.insert("description".into(), text);
        }
        let has_values = schema.contains_key("enum") || schema.contains_key("const");
        match kind {
            "object" | "array" if has_values => {
                return Err(cannot(at, "lists whole objects or arrays, which is not supported"));
            }
            "object" => self.object(schema, at, depth, &mut out)?,
            "array" => self.array(schema, at, depth, &mut out)?,
            "string" if schema.get("format").is_some_and(|f| f == "binary") => {
                return Err(cannot(at, "is binary data"));
            }
            _ if !scalar(schema, kind, &mut out) => return Err(impossible(at)),
            _ => {}
        }
        for keyword in LEFT_TO_SERVICES {
            let is_asked = schema.get(keyword).is_some_and(|value| *value != false);
            if is_asked && !out.contains_key("enum") && !out.contains_key(keyword) {
                self.left_out.push(format!("{at} has `{keyword}`, which is left to its service"));
            }
        }
        let mut out = Value::Object(out);
        keep_default(schema, &mut out);
        Ok(out)
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
                let at = format!("{at}.{name}");
                let property = self.value(&property(schema, name, &at)?, &at, depth + 1)?;
                // What has a default need not be said.
                if property.get("default").is_none() {
                    required.push(Value::from(name));
                }
                held.insert(name.to_owned(), property);
            }
        }
        for name in properties.keys() {
            if held.contains_key(name) || is_read_only(name) {
                continue;
            }
            let (kept, noted) = (self.schemas, self.left_out.len());
            let at = format!("{at}.{name}");
            let narrowed = property(schema, name, &at)
                .and_then(|property| self.value(&property, &at, depth + 1));
            let problem = match narrowed {
                Ok(property) if depth < MAX_OPTIONAL_DEPTH || !is_nested(&property) => {
                    held.insert(name.clone(), optional(property));
                    continue;
                }
                Ok(_) => Some(cannot(&at, "is nested too deeply")),
                Err(error) => Some(error).filter(|error| !is_of_no_use(error)),
            };
            self.schemas = kept;
            self.left_out.truncate(noted);
            self.left_out.extend(problem.map(|problem| problem.to_string()));
        }
        let most = schema.get("maxProperties").and_then(Value::as_u64).unwrap_or(u64::MAX);
        while held.len() as u64 > most {
            let last = held.keys().next_back().cloned().unwrap_or_default();
            if required.iter().any(|name| *name == last) {
                return Err(impossible(at));
            }
            held.shift_remove(&last);
            self.left_out.push(format!("{at}.{last} is one property too many"));
        }
        let least = schema.get("minProperties").and_then(Value::as_u64).unwrap_or(0);
        if least > required.len() as u64 {
            // The grammar holds "at least one more", no other number.
            if least > required.len() as u64 + 1 {
                return Err(cannot(at, "asks for a number of properties, whichever"));
            }
            if least > held.len() as u64 {
                return Err(impossible(at));
            }
            out.insert("minProperties".into(), least.into());
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
        let items = schema.get("items");
        // Drafts before 2020-12 call the first items `items`, too.
        let first = schema.get("prefixItems").or(items.filter(|items| items.is_array()));
        if let Some(Value::Array(first)) = first {
            let mut held = Vec::new();
            for (index, item) in first.iter().enumerate() {
                held.push(self.value(item, &format!("{at}[{index}]"), depth + 1)?);
            }
            // A tuple is whole, and no more than that.
            let bound = |keyword: &str| schema.get(keyword).and_then(Value::as_f64);
            if bound("minItems").is_some_and(|least| least > held.len() as f64) {
                return Err(cannot(at, "has more items than are named"));
            }
            if bound("maxItems").is_some_and(|most| most < held.len() as f64) {
                return Err(cannot(at, "has fewer items than are named"));
            }
            out.insert("minItems".into(), held.len().into());
            out.insert("maxItems".into(), held.len().into());
            out.insert("prefixItems".into(), held.into());
            out.insert("items".into(), false.into());
            return Ok(());
        }
        let items = items.unwrap_or(&Value::Bool(true));
        out.insert("items".into(), self.value(items, &format!("{at}.items"), depth + 1)?);
        if bounds(schema, "minItems", "maxItems", out) { Ok(()) } else { Err(impossible(at)) }
    }
}

/// Why a schema of `null` alone, which arguments leave out, can't be held.
const NULL: &str = "allows null alone or an unknown type";

/// Whether nothing is lost with a part: nothing satisfies it, or `null` alone.
fn is_of_no_use(error: &Unsupported) -> bool {
    is_impossible(error) || matches!(error, Unsupported::Schema { problem: NULL, .. })
}

/// All that an object's schema says of one property.
fn property(schema: &Map<String, Value>, name: &str, at: &str) -> Result<Value, Unsupported> {
    let part = |keyword: &str| schema.get(keyword).and_then(Value::as_object);
    let mut all: Vec<Value> =
        part("properties").and_then(|p| p.get(name)).cloned().into_iter().collect();
    for (pattern, more) in part("patternProperties").into_iter().flatten() {
        let pattern = RegexBuilder::new(pattern).size_limit(MAX_PATTERN).build();
        if pattern
            .map_err(|_| cannot(at, "has names of a pattern that can't be read"))?
            .is_match(name)
        {
            all.push(more.clone());
        }
    }
    Ok(match all.len() {
        0 => schema.get("additionalProperties").cloned().unwrap_or(Value::Bool(true)),
        1 => all.remove(0),
        _ => json!({ "allOf": all }),
    })
}

fn cannot(at: &str, problem: &'static str) -> Unsupported {
    Unsupported::Schema { at: at.into(), problem }
}

fn is_nested(schema: &Value) -> bool {
    let is_object = |schema: &Value| schema.get("type").is_some_and(|kind| kind == "object");
    alternatives(schema).iter().any(|schema| is_object(schema) || is_object(&schema["items"]))
}

fn description(schema: &Map<String, Value>) -> Option<Value> {
    let text = plain(schema.get("description")?.as_str()?);
    (!text.is_empty()).then(|| shortened(&text, MAX_DESCRIPTION).into())
}

/// Keeps a default that the narrowed schema takes.
fn keep_default(schema: &Map<String, Value>, narrowed: &mut Value) {
    if let Some(default) = schema.get("default").filter(|default| takes(narrowed, default)) {
        narrowed["default"] = default.clone();
    }
}

/// An optional value's default is its service's business.
fn optional(mut schema: Value) -> Value {
    if let Value::Object(schema) = &mut schema {
        schema.shift_remove("default");
    }
    schema
}
