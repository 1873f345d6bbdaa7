//! A schema that says the same, place by place: nothing is left to be merged.
//!
//! References are followed, `allOf` is merged, and what stands beside alternatives is in each of them. So an object can be
//! closed without forbidding what its other parts name, and a question's values have one place to go to.

use serde_json::{Map, Value, json};

use super::alternatives::union;
use super::gathered::{Gathered, Gatherer, impossible, is_impossible};
use super::references::{References, Unsupported};
use super::scalar::keeps_bounds;

/// Flattens a tool's parameters. An object with alternatives has the properties of all beside them, for who reads
/// them: what may be written, the alternatives say by themselves. A reference that leads back to itself stays, with
/// its definition.
pub fn flattened(parameters: &Value) -> Result<Value, Unsupported> {
    let mut flattener = Flattener {
        gatherer: Gatherer::new(References::new(parameters)),
        open: Vec::new(),
        kept: Vec::new(),
        depth: 0,
    };
    let object = json!({ "allOf": [{ "type": "object" }, without_read_beside(parameters)] });
    let mut flat = flattener.value(&object, "parameters")?;
    let mut definitions = Map::new();
    while let Some(reference) = flattener.kept.pop() {
        let name = ["#/$defs/", "#/definitions/"].iter().find_map(|at| reference.strip_prefix(at));
        let Some(name) = name.filter(|name| !name.contains('/')).map(str::to_owned) else {
            let problem = "leads back to itself";
            return Err(Unsupported::Schema { at: reference, problem });
        };
        if !definitions.contains_key(&name) {
            let target = References::new(parameters).target(&reference, "parameters")?;
            flattener.open = vec![reference.clone()];
            definitions.insert(name, flattener.value(target, &reference)?);
        }
    }
    if let Value::Object(schema) = &mut flat {
        for keyword in ["$defs", "definitions"] {
            let is_there = schema.shift_remove(keyword).is_some();
            if is_there && !definitions.is_empty() {
                schema.insert(keyword.into(), definitions.clone().into());
            }
        }
        read_beside(schema);
    }
    Ok(flat)
}

struct Flattener<'a> {
    gatherer: Gatherer<'a>,
    /// References that lead to the place, the outermost first.
    open: Vec<String>,
    /// References that stay.
    kept: Vec<String>,
    depth: usize,
}

/// Levels that a schema may have.
const MAX_DEPTH: usize = 64;

impl Flattener<'_> {
    fn value(&mut self, schema: &Value, at: &str) -> Result<Value, Unsupported> {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str)
            && self.open.iter().any(|open| open == reference)
        {
            self.kept.push(reference.into());
            return Ok(json!({ "$ref": reference }));
        }
        if *schema == Value::Bool(true) {
            return Ok(Value::Bool(true));
        }
        if self.depth == MAX_DEPTH {
            return Err(Unsupported::Schema { at: at.into(), problem: "is nested too deeply" });
        }
        let gathered = self.gatherer.gather(schema, at)?;
        let outer = self.open.len();
        self.open.extend(gathered.followed.iter().cloned());
        self.depth += 1;
        let flat = self.gathered(gathered, at);
        self.depth -= 1;
        self.open.truncate(outer);
        flat
    }

    fn gathered(&mut self, mut gathered: Gathered, at: &str) -> Result<Value, Unsupported> {
        let Some((keyword, alternatives)) = gathered.alternatives() else {
            return self.plain(gathered.own, at);
        };
        let mut flat = Vec::new();
        for alternative in &alternatives {
            match self.value(alternative, at) {
                Err(error) if is_impossible(&error) => {}
                alternative => flat.push(alternative?),
            }
        }
        let described = gathered.own;
        match flat.len() {
            0 => Err(impossible(at)),
            1 => Ok(with_description(flat.remove(0), described)),
            _ => Ok(with_description(union(keyword, flat), described)),
        }
    }

    /// A place without alternatives.
    fn plain(&mut self, mut own: Map<String, Value>, at: &str) -> Result<Value, Unsupported> {
        if !own.contains_key("type") && !own.contains_key("enum") && !own.contains_key("const") {
            let has = |keywords: &[&str]| keywords.iter().any(|k| own.contains_key(*k));
            if has(&["properties"]) {
                own.insert("type".into(), "object".into());
            } else if has(&["items", "prefixItems"]) {
                own.insert("type".into(), "array".into());
            }
        }
        let beside = own.clone();
        if let Some(Value::Array(values)) = own.get_mut("enum") {
            values.retain(|value| keeps_bounds(&beside, value));
        }
        let has_none = own.get("enum") == Some(&json!([]));
        if has_none || own.get("const").is_some_and(|value| !keeps_bounds(&beside, value)) {
            return Err(impossible(at));
        }
        let required = own.get("required").cloned().unwrap_or_default();
        let is_required =
            |name: &str| required.as_array().is_some_and(|names| names.iter().any(|n| n == name));
        if let Some(Value::Object(properties)) = own.get_mut("properties") {
            for (name, property) in properties {
                let at = format!("{at}.{name}");
                match self.value(property, &at) {
                    Err(error) if is_impossible(&error) && !is_required(name) => {
                        *property = Value::Bool(false);
                    }
                    flat => *property = flat?,
                }
            }
        }
        let is_open = own.get("additionalProperties").is_some_and(|more| *more != false)
            || own.contains_key("patternProperties");
        if let Some(Value::Object(properties)) = own.get_mut("properties") {
            properties.retain(|_, property| is_open || *property != Value::Bool(false));
        }
        for keyword in ["items", "additionalItems", "additionalProperties"] {
            if let Some(part) = own.get_mut(keyword).filter(|part| part.is_object()) {
                *part = self.value(part, &format!("{at}.{keyword}"))?;
            }
        }
        for keyword in ["prefixItems", "items"] {
            if let Some(Value::Array(parts)) = own.get_mut(keyword) {
                for (index, part) in parts.iter_mut().enumerate() {
                    *part = self.value(part, &format!("{at}.{keyword}[{index}]"))?;
                }
            }
        }
        if let Some(Value::Object(parts)) = own.get_mut("patternProperties") {
            for (pattern, part) in parts {
                *part = self.value(part, &format!("{at}.{pattern}"))?;
            }
        }
        Ok(Value::Object(own))
    }
}

/// What describes the place goes before what describes the alternative that is left.
fn with_description(mut schema: Value, described: Map<String, Value>) -> Value {
    if let Value::Object(schema) = &mut schema {
        schema.extend(described);
    }
    schema
}

/// Puts the properties of an object's alternatives beside them, and closes the alternatives, whose own they stay.
fn read_beside(schema: &mut Map<String, Value>) {
    let Some(keyword) = ["oneOf", "anyOf"].into_iter().find(|k| schema.contains_key(*k)) else {
        return;
    };
    let (mut properties, mut required) = (Map::new(), None::<Vec<Value>>);
    each_object(&mut schema[keyword], &mut |alternative| {
        alternative.entry("additionalProperties").or_insert(Value::Bool(false));
        let names = alternative.get("required").and_then(Value::as_array).cloned();
        let names = names.unwrap_or_default();
        match &mut required {
            None => required = Some(names),
            Some(required) => required.retain(|name| names.contains(name)),
        }
        let own = alternative.get("properties").and_then(Value::as_object);
        for (name, property) in own.into_iter().flatten() {
            let both = match properties.get(name) {
                Some(other) if other != property => either(other, property),
                _ => property.clone(),
            };
            properties.insert(name.clone(), both);
        }
    });
    schema.entry("type").or_insert("object".into());
    schema.insert("properties".into(), properties.into());
    if let Some(required) = required.filter(|names| !names.is_empty()) {
        schema.insert("required".into(), required.into());
    }
}

/// The objects among alternatives, and alternatives of these.
fn each_object(alternatives: &mut Value, act: &mut dyn FnMut(&mut Map<String, Value>)) {
    for alternative in alternatives.as_array_mut().into_iter().flatten() {
        match ["oneOf", "anyOf"].into_iter().find(|k| alternative.get(k).is_some()) {
            Some(keyword) => each_object(&mut alternative[keyword], act),
            None => alternative.as_object_mut().into_iter().for_each(&mut *act),
        }
    }
}

/// A schema without the properties that [`read_beside`] put there: put into its alternatives once more, they
/// would only repeat themselves.
fn without_read_beside(schema: &Value) -> Value {
    let mut bare = schema.clone();
    if let Value::Object(bare) = &mut bare {
        bare.shift_remove("properties");
        bare.shift_remove("required");
        let mut again = bare.clone();
        read_beside(&mut again);
        if Value::Object(again) == *schema {
            return Value::Object(std::mem::take(bare));
        }
    }
    schema.clone()
}

/// A property as one of two schemas has it.
fn either(own: &Value, other: &Value) -> Value {
    let mut both = match own.get("anyOf") {
        Some(Value::Array(all)) => all.clone(),
        _ => vec![own.clone()],
    };
    if !both.contains(other) {
        both.push(other.clone());
    }
    let mut schema = union("anyOf", both);
    if let Some(description) = own.get("description").or(other.get("description")) {
        schema["description"] = description.clone();
    }
    schema
}
