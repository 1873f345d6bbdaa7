//! What one place of a schema asks for: its own keywords, those of its `$ref` and its `allOf` as one, and the
//! alternatives of which one must hold too.

use serde_json::{Map, Value, json};

use super::alternatives::{is_a, is_same};
use super::conditions;
use super::intersect::{Contradiction, intersect};
use super::references::{References, Unsupported};

/// Schemas within schemas by `$ref` and `allOf` alone; more are taken for a circle.
const MAX_DEPTH: usize = 16;
/// Schemas that are looked at for one tool, those that come to nothing included.
const MAX_WORK: usize = 4000;

/// What one place asks for.
#[derive(Default)]
pub(super) struct Gathered {
    /// Without references, and without `allOf` but of what can't be merged: second patterns and formats.
    pub own: Map<String, Value>,
    /// Of each union one alternative must hold.
    pub unions: Vec<Union>,
    /// The references that were followed.
    pub followed: Vec<String>,
}

/// `oneOf`, `anyOf`, or what is written so.
pub(super) struct Union {
    pub keyword: &'static str,
    pub alternatives: Vec<Value>,
}

/// Gathers the schemas of one tool.
pub(super) struct Gatherer<'a> {
    references: References<'a>,
    work: usize,
}

impl<'a> Gatherer<'a> {
    pub fn new(references: References<'a>) -> Self {
        Self { references, work: 0 }
    }

    /// What the schema that stands at JSON path `at` asks for.
    pub fn gather(&mut self, schema: &Value, at: &str) -> Result<Gathered, Unsupported> {
        let mut all = self.at_depth(schema, at, 0)?;
        // A supertype by itself: which of its subtypes is meant, the discriminator says.
        if let Some(by) = all.own.shift_remove("discriminator") {
            let keys = by.get("mapping").and_then(Value::as_object);
            if let (Some(keys), Some(property)) = (keys, by["propertyName"].as_str()) {
                let keys = keys.keys().cloned().collect::<Vec<_>>();
                let named = json!({ "properties": { property: { "enum": keys } } });
                let named = Gathered { own: object(named), ..Gathered::default() };
                all.add(named).map_err(|_| impossible(at))?;
            }
        }
        // Of several types each has keywords of its own.
        if let Some(Value::Array(kinds)) = all.own.get("type")
            && !all.own.contains_key("enum")
        {
            let alternatives = kinds.iter().map(|kind| json!({ "type": kind })).collect();
            all.own.shift_remove("type");
            all.unions.push(Union { keyword: "anyOf", alternatives });
        }
        only_values_of_the_type(&mut all.own, at)?;
        Ok(all)
    }

    fn at_depth(
        &mut self,
        schema: &Value,
        at: &str,
        depth: usize,
    ) -> Result<Gathered, Unsupported> {
        self.work += 1;
        let mut own = match schema {
            Value::Object(object) => object.clone(),
            Value::Bool(true) => Map::new(),
            Value::Bool(false) => return Err(impossible(at)),
            _ => return Err(Unsupported::Malformed { at: at.into(), expected: "a schema" }),
        };
        if depth > MAX_DEPTH && own.keys().eq(["$ref"]) {
            return Err(Unsupported::CyclicReference { at: at.into() });
        }
        if self.work > MAX_WORK || depth > MAX_DEPTH {
            return Err(Unsupported::Schema { at: at.into(), problem: "is too large" });
        }
        let reference = own.shift_remove("$ref");
        let parts = own.shift_remove("allOf");
        let mut discriminator = own.shift_remove("discriminator");
        let mut unions = Vec::new();
        for keyword in ["oneOf", "anyOf"] {
            if let Some(Value::Array(alternatives)) = own.shift_remove(keyword) {
                let alternatives = match &discriminator {
                    Some(by) => alternatives.into_iter().map(|a| named_by(by, a)).collect(),
                    None => alternatives,
                };
                unions.push(Union { keyword, alternatives });
            }
        }
        let conditions = conditions::alternatives(&mut own).into_iter();
        unions.extend(conditions.map(|alternatives| Union { keyword: "anyOf", alternatives }));
        repair(&mut own);
        let mut all = Gathered { own, unions, followed: Vec::new() };
        if let Some(reference) = reference.as_ref().and_then(Value::as_str) {
            let target = self.references.target(reference, at)?;
            let is_supertype = target.get("discriminator").is_some();
            all.followed.push(reference.into());
            let mut target = self.at_depth(target, at, depth + 1)?;
            // A subtype has the discriminator of the schema that it extends.
            let of_the_union = discriminator.take();
            let own = if is_supertype { None } else { target.own.shift_remove("discriminator") };
            if let Some(by) = of_the_union.or(own) {
                let name = Gathered {
                    own: object(name_by(&by, reference, lists_values(&target.own, &by))),
                    ..Gathered::default()
                };
                target.add(name).map_err(|_| impossible(at))?;
            }
            all.add(target).map_err(|_| impossible(at))?;
        }
        if let Some(Value::Array(parts)) = parts {
            for (index, part) in parts.iter().enumerate() {
                let part = self.at_depth(part, &format!("{at}.allOf[{index}]"), depth + 1)?;
                all.add(part).map_err(|_| impossible(at))?;
            }
        }
        if let Some(by) = discriminator.filter(|_| all.unions.is_empty()) {
            all.own.insert("discriminator".into(), by);
        }
        Ok(all)
    }
}

impl Gathered {
    fn add(&mut self, part: Gathered) -> Result<(), Contradiction> {
        intersect(&mut self.own, part.own)?;
        self.unions.extend(part.unions);
        self.followed.extend(part.followed);
        Ok(())
    }

    /// The alternatives of the first union, each as one schema with all that stands beside them; none where there
    /// is no union. What only describes the place stays in `own`.
    pub fn alternatives(&mut self) -> Option<(&'static str, Vec<Value>)> {
        if self.unions.is_empty() {
            return None;
        }
        let Union { keyword, alternatives } = self.unions.remove(0);
        let is_description = |name: &String| {
            ["title", "description", "default", "examples", "example"].contains(&name.as_str())
        };
        let (described, asked): (Map<_, _>, Map<_, _>) =
            std::mem::take(&mut self.own).into_iter().partition(|(name, _)| is_description(name));
        self.own = described;
        let mut beside = vec![Value::Object(asked)];
        beside.extend(self.unions.drain(..).map(|u| json!({ u.keyword: u.alternatives })));
        let complete = alternatives.into_iter().map(|alternative| {
            let mut parts = beside.clone();
            demand(&alternative, &mut parts[0]);
            parts.push(alternative);
            json!({ "allOf": parts })
        });
        Some((keyword, complete.collect()))
    }
}

/// Takes the defaults from the properties beside an alternative that demands them: to say them is what tells it.
fn demand(alternative: &Value, beside: &mut Value) {
    let names = alternative.get("required").and_then(Value::as_array).into_iter().flatten();
    for name in names.filter_map(Value::as_str) {
        let property = beside.get_mut("properties").and_then(|all| all.get_mut(name));
        if let Some(Value::Object(property)) = property {
            property.shift_remove("default");
        }
    }
}

/// What nothing satisfies.
pub(super) fn impossible(at: &str) -> Unsupported {
    Unsupported::Schema { at: at.into(), problem: IMPOSSIBLE }
}

pub(super) fn is_impossible(unsupported: &Unsupported) -> bool {
    matches!(unsupported, Unsupported::Schema { problem: IMPOSSIBLE, .. })
}

const IMPOSSIBLE: &str = "allows nothing";

/// The alternative that a reference leads to, with the discriminator that tells it.
fn named_by(discriminator: &Value, alternative: Value) -> Value {
    match alternative.get("$ref").and_then(Value::as_str) {
        Some(reference) => json!({ "$ref": reference, "discriminator": discriminator }),
        None => alternative,
    }
}

/// What a Discriminator Object (OpenAPI 3.1, section 4.8.25) asks of the schema that a reference leads to: its
/// key in `mapping`, or else the schema's name.
fn name_by(discriminator: &Value, reference: &str, says_itself: bool) -> Value {
    let Some(property) = discriminator.get("propertyName").and_then(Value::as_str) else {
        return json!({});
    };
    let name = |reference: &str| reference.rsplit('/').next().unwrap_or_default().to_owned();
    let mapping = discriminator.get("mapping").and_then(Value::as_object);
    let is_meant = |target: &Value| target.as_str().is_some_and(|t| name(t) == name(reference));
    let keys = mapping.into_iter().flatten().filter(|(_, target)| is_meant(target));
    let mut keys: Vec<String> = keys.map(|(key, _)| key.clone()).collect();
    // Without a mapping the schema's name is the value, unless the schema itself says which.
    if keys.is_empty() && says_itself {
        return json!({});
    }
    if keys.is_empty() {
        keys.push(name(reference));
    }
    json!({ "required": [property], "properties": { property: { "enum": keys } } })
}

/// Whether a schema lists the values of its discriminator.
fn lists_values(schema: &Map<String, Value>, discriminator: &Value) -> bool {
    let name = discriminator.get("propertyName").and_then(Value::as_str).unwrap_or_default();
    let property = schema.get("properties").and_then(|all| all.get(name)).map(Value::to_string);
    property.is_some_and(|text| text.contains("\"enum\"") || text.contains("\"const\""))
}

fn object(value: Value) -> Map<String, Value> {
    if let Value::Object(object) = value { object } else { Map::new() }
}

/// Leaves the values that the type and `not` allow.
fn only_values_of_the_type(own: &mut Map<String, Value>, at: &str) -> Result<(), Unsupported> {
    let kinds: Vec<Value> = match own.get("type") {
        Some(Value::Array(kinds)) => kinds.clone(),
        Some(kind) => vec![kind.clone()],
        None => Vec::new(),
    };
    let refused = own.get("not").and_then(|not| not.get("enum")).and_then(Value::as_array).cloned();
    let fits = |value: &Value| {
        (kinds.is_empty() || kinds.iter().any(|kind| is_a(value, kind)))
            && refused
                .as_ref()
                .is_none_or(|refused| !refused.iter().any(|other| is_same(other, value)))
    };
    if let Some(Value::Array(values)) = own.get_mut("enum") {
        values.retain(fits);
        if values.is_empty() {
            return Err(impossible(at));
        }
    } else if let Some(value) = own.get("const") {
        if !fits(value) {
            return Err(impossible(at));
        }
    } else {
        return Ok(());
    }
    own.shift_remove("not");
    Ok(())
}

/// Writes what older dialects and careless servers say in today's words.
fn repair(schema: &mut Map<String, Value>) {
    // Draft 4 and OpenAPI 3.0: `true` beside the bound.
    for (exclusive, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        if let Some(Value::Bool(is_exclusive)) = schema.get(exclusive).cloned() {
            schema.shift_remove(exclusive);
            if let Some(value) = schema.shift_remove(bound).filter(|value| value.is_number()) {
                schema.insert(if is_exclusive { exclusive } else { bound }.into(), value);
            }
        }
    }
    // A list's `enum` is meant of its items where it names no list.
    let is_list = schema.get("type").is_some_and(|kind| kind == "array");
    let is_of_items =
        |values: &Value| values.as_array().is_some_and(|v| !v.iter().any(Value::is_array));
    if is_list && schema.get("enum").is_some_and(is_of_items) {
        let values = schema.shift_remove("enum");
        let items = schema.shift_remove("items").unwrap_or(Value::Bool(true));
        schema.insert("items".into(), json!({ "allOf": [items, { "enum": values }] }));
    }
    // PHP writes an empty object as `[]`, and many servers nothing as `null`.
    for keyword in ["properties", "required"] {
        match schema.get(keyword) {
            Some(Value::Null) => drop(schema.shift_remove(keyword)),
            Some(Value::Array(none)) if none.is_empty() && keyword == "properties" => {
                schema.shift_remove(keyword);
            }
            _ => {}
        }
    }
}
