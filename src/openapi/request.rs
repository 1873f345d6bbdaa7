//! Where each parameter goes: path, query, header or JSON body.
//!
//! Sources: Parameter Object and Request Body Object (OpenAPI 3.1, sections 4.8.12 and 4.8.13),
//! Parameter Object (Swagger 2.0).

use serde_json::{Map, Value, json};

use super::document::{Document, Version};
use super::keys::{Key, is_no_argument, keys};
use super::parameter::{fixed_text, is_nested_list, is_required, list_mark, literal, parameters};
use super::{Options, Reason};
use crate::schema::{Narrower, alternatives, flattened};
use crate::tool::Http;

/// A request, and the schema of the arguments that fill its templates.
pub struct Request {
    /// The request.
    pub http: Http,
    /// JSON Schema of the arguments.
    pub parameters: Value,
    /// What of the operation's schemas was left out.
    pub left_out: Vec<String>,
}

/// The request of an operation; `at` is the operation's JSON path and `url` its server and path.
pub fn request(
    document: &Document,
    options: &Options,
    method: &str,
    url: String,
    item: &Value,
    operation: &Value,
    at: &str,
) -> Result<Request, Reason> {
    let http = Http { method: method.to_ascii_uppercase(), url, ..Http::default() };
    let mut builder = Builder {
        document,
        options,
        narrower: Narrower::new(document.references()),
        http,
        keys: keys(document),
        properties: Map::new(),
        required: Vec::new(),
        alternatives: Vec::new(),
        least: 0,
    };
    for key in builder.keys.clone() {
        if let Some(value) = options.fixed.get(key.name) {
            builder.put(key.name, key.place, fixed_text(value, key.place));
        }
    }
    for (parameter, at) in parameters(document, item, operation, at)? {
        builder.parameter(parameter, &at)?;
    }
    if let Some(body) = operation.get("requestBody").filter(|body| !body.is_null()) {
        builder.request_body(body, &format!("{at}.requestBody"))?;
    }
    builder.finish(at)
}

pub(super) struct Builder<'a> {
    pub(super) document: &'a Document,
    pub(super) options: &'a Options,
    pub(super) narrower: Narrower<'a>,
    pub(super) http: Http,
    keys: Vec<Key<'a>>,
    properties: Map<String, Value>,
    required: Vec<String>,
    /// Alternatives of the arguments, which the body has.
    pub(super) alternatives: Vec<Value>,
    /// How many of the body's properties must be there.
    pub(super) least: u64,
}

impl Builder<'_> {
    /// Adds a parameter; an optional one that can't be held is left out, and named.
    fn parameter(&mut self, parameter: &Map<String, Value>, at: &str) -> Result<(), Reason> {
        let text = |field: &'static str| {
            let value =
                parameter.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
            value.ok_or_else(|| Reason::Malformed {
                at: format!("{at}.{field}"),
                expected: "a text",
            })
        };
        let (name, place) = (text("name")?, text("in")?);
        let added = match place {
            "path" if !self.http.url.contains(&format!("{{{name}}}")) => Ok(()),
            "path" | "query" | "header" if self.options.fixed.contains_key(name) => {
                self.put(name, place, fixed_text(&self.options.fixed[name], place));
                Ok(())
            }
            "header" if is_no_argument(name) => Ok(()),
            "header" | "query" | "cookie" if self.keys.iter().any(|key| key.is(name, place)) => {
                Ok(())
            }
            "path" | "query" | "header" if name.contains(['{', '}']) => {
                Err(Reason::Placement { at: at.into(), place: format!("`{name}`") })
            }
            "path" | "query" | "header" => self.simple(parameter, name, place, at),
            "body" => self.body(parameter, "application/json", is_required(parameter), at),
            "formData" => self.field(parameter, name, at),
            _ => Err(Reason::Placement { at: at.into(), place: place.into() }),
        };
        match added {
            Err(reason) if is_required(parameter) => return Err(reason),
            Err(reason) => self.narrower.left_out.push(reason.to_string()),
            Ok(()) => {}
        }
        Ok(())
    }

    /// A parameter that is written as text.
    fn simple(
        &mut self,
        parameter: &Map<String, Value>,
        name: &str,
        place: &str,
        at: &str,
    ) -> Result<(), Reason> {
        let schema = self.parameter_schema(parameter, at)?;
        let refused = |place: String| Err(Reason::Placement { at: at.into(), place });
        let (mut held, mut reason) = (Vec::new(), "");
        for one in alternatives(&schema) {
            match one["type"].as_str() {
                Some("object") => reason = "as an object",
                Some("array") if is_nested_list(one) => reason = "as nested lists",
                _ => held.push(one.clone()),
            }
        }
        if held.is_empty() {
            return refused(format!("{place} {reason}"));
        }
        let takes_lists = held.iter().any(|one| one["type"] == "array");
        let mut schema = if held.len() < alternatives(&schema).len() {
            let mut left = if held.len() == 1 { held.remove(0) } else { json!({ "anyOf": held }) };
            if let Some(description) = schema.get("description") {
                left["description"] = description.clone();
            }
            left
        } else {
            schema
        };
        if place == "path" && schema["type"] == "string" {
            let is_free =
                ["enum", "format", "pattern", "minLength"].iter().all(|k| schema.get(k).is_none());
            if is_free {
                schema["minLength"] = 1.into();
            }
        }
        if let Some(style @ ("label" | "matrix")) = parameter.get("style").and_then(Value::as_str) {
            return refused(format!("{place} in {style} style"));
        }
        let required = is_required(parameter);
        let template = match literal(&schema).filter(|_| required) {
            Some(literal) => literal,
            None => {
                let mark = match takes_lists {
                    true => list_mark(parameter, place, self.document.version()),
                    false => "",
                };
                format!("{{{}{mark}}}", self.property(name, place, schema, required))
            }
        };
        self.put(name, place, template);
        Ok(())
    }

    fn put(&mut self, name: &str, place: &str, template: String) {
        match place {
            "path" => self.http.url = self.http.url.replace(&format!("{{{name}}}"), &template),
            "query" => drop(self.http.query.insert(name.into(), template)),
            _ => drop(self.http.headers.insert(name.into(), template)),
        }
    }

    /// In Swagger 2 a parameter is its schema; in OpenAPI 3 it has one.
    pub(super) fn parameter_schema(
        &mut self,
        parameter: &Map<String, Value>,
        at: &str,
    ) -> Result<Value, Reason> {
        let mut schema = if self.document.version() == Version::Swagger2 {
            let mut schema = parameter.clone();
            schema.remove("required");
            self.narrower.narrow(&Value::Object(schema), at)?
        } else if parameter.contains_key("content") {
            return Err(Reason::Placement {
                at: at.into(),
                place: "a media type of its own".into(),
            });
        } else {
            let schema = parameter.get("schema").unwrap_or(&Value::Bool(true));
            self.narrower.narrow(schema, &format!("{at}.schema"))?
        };
        // The parameter's own description tells more than its type's.
        if let Some(text) = parameter.get("description").and_then(Value::as_str) {
            let described = json!({ "type": "string", "description": text });
            let described = Narrower::new(self.document.references()).narrow(&described, at)?;
            if let Some(description) = described.get("description") {
                schema["description"] = description.clone();
            }
        }
        Ok(schema)
    }

    /// Adds an argument; its name is the parameter's unless another place has that already.
    pub(super) fn property(
        &mut self,
        name: &str,
        place: &str,
        mut schema: Value,
        required: bool,
    ) -> String {
        let unique = self.free_name(name, place);
        // What has a default need not be said; an optional one's default is the service's business.
        match schema.as_object_mut() {
            Some(schema) if !required => drop(schema.shift_remove("default")),
            _ => {}
        }
        if required && schema.get("default").is_none() {
            self.required.push(unique.clone());
        }
        self.properties.insert(unique.clone(), schema);
        unique
    }

    /// A name that no argument has yet.
    pub(super) fn free_name(&self, name: &str, place: &str) -> String {
        let mut unique = name.to_owned();
        while self.properties.contains_key(&unique) {
            unique = format!("{place}_{unique}");
        }
        unique
    }

    fn finish(self, at: &str) -> Result<Request, Reason> {
        let held = |name: &str| self.properties.contains_key(name);
        let mut rest = self.http.url.as_str();
        while let Some((_, tail)) = rest.split_once('{') {
            match tail.split_once('}') {
                Some((name, tail)) if held(name) => rest = tail,
                _ => {
                    let expected = "a parameter for each placeholder of the path";
                    return Err(Reason::Malformed { at: format!("{at}.parameters"), expected });
                }
            }
        }
        let mut parameters = json!({ "type": "object", "properties": self.properties });
        // The grammar holds "one more than what is required".
        if self.least > 0 && self.required.len() < self.properties.len() {
            parameters["minProperties"] = (self.required.len() + 1).into();
        }
        if !self.required.is_empty() {
            parameters["required"] = self.required.into();
        }
        parameters["additionalProperties"] = false.into();
        if !self.alternatives.is_empty() {
            parameters.as_object_mut().map(|own| own.shift_remove("additionalProperties"));
            parameters["anyOf"] = self.alternatives.into();
            parameters = flattened(&parameters)?;
        }
        Ok(Request { http: self.http, parameters, left_out: self.narrower.left_out })
    }
}
