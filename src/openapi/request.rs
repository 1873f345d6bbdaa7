//! Where each parameter goes: path, query, header or JSON body.
//!
//! Sources: Parameter Object and Request Body Object (OpenAPI 3.1, sections 4.8.12 and 4.8.13),
//! Parameter Object (Swagger 2.0).

use serde_json::{Map, Value, json};

use super::Reason;
use super::document::{Document, Version};
use crate::schema::Narrower;
use crate::tool::Http;

/// Headers that OpenAPI says to ignore as parameters, that a browser sets, or that sign a request: none
/// of them is the question's business.
const IGNORED_HEADERS: [&str; 15] = [
    "accept",
    "authorization",
    "content-type",
    "content-length",
    "connection",
    "host",
    "origin",
    "referer",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-security-token",
    "x-amz-signature",
    "x-amz-signedheaders",
];

/// A request, and the schema of the arguments that fill its templates.
pub struct Request {
    /// The request.
    pub http: Http,
    /// JSON Schema of the arguments.
    pub parameters: Value,
}

/// The request of an operation; `at` is the operation's JSON path and `url` its server and path.
pub fn request(
    document: &Document,
    method: &str,
    url: String,
    item: &Value,
    operation: &Value,
    at: &str,
) -> Result<Request, Reason> {
    let http = Http { method: method.to_ascii_uppercase(), url, ..Http::default() };
    let mut builder = Builder {
        document,
        narrower: Narrower::new(document.references()),
        http,
        properties: Map::new(),
        required: Vec::new(),
    };
    for (parameter, at) in parameters(document, item, operation, at)? {
        builder.parameter(parameter, &at)?;
    }
    if let Some(body) = operation.get("requestBody").filter(|body| !body.is_null()) {
        builder.request_body(body, &format!("{at}.requestBody"))?;
    }
    builder.finish(at)
}

/// A parameter and where it stands in the document.
type Found<'a> = (&'a Map<String, Value>, String);

/// An operation's parameters, then those of its path that it does not override.
fn parameters<'a>(
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

fn is_required(parameter: &Map<String, Value>) -> bool {
    parameter.get("required") == Some(&Value::Bool(true))
        || parameter.get("in").is_some_and(|place| place == "path")
}

struct Builder<'a> {
    document: &'a Document,
    narrower: Narrower<'a>,
    http: Http,
    properties: Map<String, Value>,
    required: Vec<String>,
}

impl Builder<'_> {
    /// Adds a parameter; an optional one that can't be held is left out.
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
            "header" if IGNORED_HEADERS.contains(&name.to_ascii_lowercase().as_str()) => Ok(()),
            "path" | "query" | "header" if name.contains(['{', '}']) => {
                Err(Reason::Placement { at: at.into(), place: format!("`{name}`") })
            }
            "path" | "query" | "header" => self.simple(parameter, name, place, at),
            "body" => self.body(parameter, "application/json", is_required(parameter), at),
            "formData" => {
                return Err(Reason::BodyType { media_type: "a form".into() });
            }
            _ => Err(Reason::Placement { at: at.into(), place: place.into() }),
        };
        match added {
            Err(reason) if is_required(parameter) => Err(reason),
            _ => Ok(()),
        }
    }

    /// A parameter that is written as text.
    fn simple(
        &mut self,
        parameter: &Map<String, Value>,
        name: &str,
        place: &str,
        at: &str,
    ) -> Result<(), Reason> {
        let mut schema = self.parameter_schema(parameter, at)?;
        let refused = |place: String| Err(Reason::Placement { at: at.into(), place });
        match schema["type"].as_str() {
            Some("object") => return refused(format!("{place} as an object")),
            Some("array")
                if matches!(schema["items"]["type"].as_str(), Some("object" | "array")) =>
            {
                return refused(format!("{place} as nested lists"));
            }
            // One argument is one text; lists that need the name again for each item take one item.
            Some("array") if !is_comma_separated(parameter, place) => {
                let description = schema["description"].take();
                schema = schema["items"].take();
                if description.is_string() {
                    schema["description"] = description;
                }
            }
            Some("string") if place == "path" && schema.get("minLength").is_none() => {
                let free = ["enum", "format", "pattern"].iter().all(|k| schema.get(k).is_none());
                if free {
                    schema["minLength"] = 1.into();
                }
            }
            _ => {}
        }
        if let Some(style @ ("label" | "matrix")) = parameter.get("style").and_then(Value::as_str) {
            return refused(format!("{place} in {style} style"));
        }
        let template = match literal(&schema).filter(|_| is_required(parameter)) {
            Some(literal) => literal,
            None => format!("{{{}}}", self.property(name, place, schema, is_required(parameter))),
        };
        match place {
            "path" => self.http.url = self.http.url.replace(&format!("{{{name}}}"), &template),
            "query" => drop(self.http.query.insert(name.into(), template)),
            _ => drop(self.http.headers.insert(name.into(), template)),
        }
        Ok(())
    }

    /// In Swagger 2 a parameter is its schema; in OpenAPI 3 it has one.
    fn parameter_schema(
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

    fn request_body(&mut self, body: &Value, at: &str) -> Result<(), Reason> {
        let body = self.document.object(body, at)?;
        let required = body.get("required") == Some(&Value::Bool(true));
        let content = match body.get("content") {
            Some(Value::Object(content)) if !content.is_empty() => content,
            _ => return Ok(()),
        };
        let json = content.get_key_value("application/json");
        let Some((media_type, media)) =
            json.or_else(|| content.iter().find(|(name, _)| is_json(name)))
        else {
            let media_type = content.keys().next().cloned().unwrap_or_default();
            return Err(Reason::BodyType { media_type });
        };
        let at = format!("{at}.content[\"{media_type}\"]");
        match self.body(self.document.object(media, &at)?, media_type, required, &at) {
            Err(reason) if required => Err(reason),
            _ => Ok(()),
        }
    }

    /// The body of `holder.schema`: an object's properties become parameters, anything else is one.
    fn body(
        &mut self,
        holder: &Map<String, Value>,
        media_type: &str,
        required: bool,
        at: &str,
    ) -> Result<(), Reason> {
        if matches!(self.http.method.as_str(), "GET" | "HEAD") {
            let place = format!("the body of a {} request", self.http.method);
            return Err(Reason::Placement { at: at.into(), place });
        }
        let schema = holder.get("schema").unwrap_or(&Value::Bool(true));
        let mut schema = self.narrower.narrow(schema, &format!("{at}.schema"))?;
        let is_plain_name = |name: &String| !name.is_empty() && !name.contains(['{', '}']);
        let body = match schema["properties"].take() {
            Value::Object(properties) if properties.keys().all(is_plain_name) => {
                let required = schema["required"].take();
                let is_required = |name: &str| {
                    required.as_array().is_some_and(|list| list.iter().any(|n| n == name))
                };
                let mut body = Map::new();
                for (name, property) in properties {
                    let required = is_required(&name);
                    let value = match literal(&property).filter(|_| required) {
                        Some(_) => property["enum"][0].clone(),
                        None => format!("{{{}}}", self.property(&name, "body", property, required))
                            .into(),
                    };
                    body.insert(name, value);
                }
                Value::Object(body)
            }
            Value::Object(_) => {
                let place = "a body with braces in its names".into();
                return Err(Reason::Placement { at: at.into(), place });
            }
            _ => {
                if let Some(fields) = schema.as_object_mut() {
                    fields.remove("properties");
                }
                format!("{{{}}}", self.property("body", "request", schema, required)).into()
            }
        };
        self.http.body = Some(body);
        if !matches!(media_type, "application/json") && !media_type.contains('*') {
            self.http.headers.insert("content-type".into(), media_type.into());
        }
        Ok(())
    }

    /// Adds an argument; its name is the parameter's unless another place has that already.
    fn property(&mut self, name: &str, place: &str, schema: Value, required: bool) -> String {
        let mut unique = name.to_owned();
        while self.properties.contains_key(&unique) {
            unique = format!("{place}_{unique}");
        }
        if required {
            self.required.push(unique.clone());
        }
        self.properties.insert(unique.clone(), schema);
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
        if !self.required.is_empty() {
            parameters["required"] = self.required.into();
        }
        parameters["additionalProperties"] = false.into();
        Ok(Request { http: self.http, parameters })
    }
}

/// The only value that a schema allows, as text; one with braces would read as a template.
fn literal(schema: &Value) -> Option<String> {
    let [value] = schema.get("enum")?.as_array()?.as_slice() else { return None };
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    (!text.contains(['{', '}', '/', '?', '#', '%', ' '])).then_some(text)
}

/// Whether a list is written as one text with commas: `style` and `explode` (OpenAPI 3) or
/// `collectionFormat` (Swagger 2). Paths and headers always are.
fn is_comma_separated(parameter: &Map<String, Value>, place: &str) -> bool {
    let text = |field: &str| parameter.get(field).and_then(Value::as_str);
    match (text("collectionFormat"), text("style")) {
        (Some(format), _) => format == "csv",
        (None, style) => {
            place != "query"
                || style.is_none_or(|style| style == "form")
                    && parameter.get("explode") == Some(&Value::Bool(false))
        }
    }
}

/// Whether a media type (range) is JSON.
fn is_json(media_type: &str) -> bool {
    let name = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(name.as_str(), "application/json" | "text/json" | "*/*" | "application/*")
        || name.starts_with("application/") && name.ends_with("+json")
}
