//! The keywords of texts, numbers and truth values, and counts.

use serde_json::{Map, Value};

use super::alternatives::is_a;

/// Values of an `enum`; one with more is taken for free text.
const MAX_ENUM: usize = 200;
/// String formats that the grammar holds.
const FORMATS: [&str; 10] =
    ["date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid", "uri"];

/// The type that a value should have: of several the first but `null`; by its keywords if none is named.
pub fn kind(schema: &Map<String, Value>) -> Option<&'static str> {
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

/// The keywords of texts, numbers and truth values. False where nothing of the `kind` satisfies them.
pub fn scalar(schema: &Map<String, Value>, kind: &str, out: &mut Map<String, Value>) -> bool {
    let is_typed = schema.contains_key("type");
    let fits = |value: &&Value| match kind {
        _ if !is_typed => !(value.is_null() || value.is_array() || value.is_object()),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        _ => value.is_boolean(),
    };
    let bound = |keyword: &str| schema.get(keyword).and_then(Value::as_f64);
    let values: Vec<&Value> = match (schema.get("const"), schema.get("enum")) {
        (Some(value), _) => vec![value],
        (None, Some(Value::Array(values))) => values.iter().collect(),
        _ => Vec::new(),
    };
    let are_listed = schema.get("const").is_some() || schema.get("enum").is_some();
    let mut distinct: Vec<Value> = Vec::new();
    let values = values.into_iter().filter(|value| keeps_bounds(schema, value));
    for value in values.filter(fits).take(MAX_ENUM + 1) {
        if !distinct.contains(value) {
            distinct.push(value.clone());
        }
    }
    if (1..=MAX_ENUM).contains(&distinct.len()) {
        if !distinct.iter().all(|value| is_a(value, &kind.into())) {
            out.shift_remove("type"); // the values say it
        }
        out.insert("enum".into(), distinct.into());
        return true;
    }
    if are_listed && distinct.is_empty() {
        return false;
    }
    match kind {
        "string" => {
            let text = |keyword: &str| schema.get(keyword).and_then(Value::as_str);
            if let Some(format) = text("format").filter(|format| FORMATS.contains(format)) {
                out.insert("format".into(), format.into());
                let (shortest, longest) = lengths(format);
                if bound("maxLength").is_some_and(|most| most < shortest)
                    || bound("minLength").is_some_and(|least| least > longest)
                {
                    return false;
                }
            } else if let Some(pattern) = text("pattern").filter(|pattern| is_plain(pattern)) {
                out.insert("pattern".into(), pattern.into());
            }
            bounds(schema, "minLength", "maxLength", out)
        }
        "integer" | "number" => range(schema, kind, out),
        _ => true,
    }
}

/// Whether a listed value keeps the bounds that stand beside the list: these hold for it, too.
pub fn keeps_bounds(schema: &Map<String, Value>, value: &Value) -> bool {
    let bound = |keyword: &str| schema.get(keyword).and_then(Value::as_f64);
    let is_within = |size: f64, least: &str, most: &str| {
        bound(least).is_none_or(|least| size >= least)
            && bound(most).is_none_or(|most| size <= most)
    };
    match (value.as_str(), value.as_f64()) {
        (Some(text), _) => is_within(text.chars().count() as f64, "minLength", "maxLength"),
        (None, Some(number)) => {
            is_within(number, "minimum", "maximum")
                && bound("exclusiveMinimum").is_none_or(|least| number > least)
                && bound("exclusiveMaximum").is_none_or(|most| number < most)
                && bound("multipleOf").is_none_or(|step| is_multiple(number, step))
        }
        _ => true,
    }
}

/// Characters of the shortest and of the longest text of a format.
fn lengths(format: &str) -> (f64, f64) {
    match format {
        "date" => (10.0, 10.0),
        "uuid" => (36.0, 36.0),
        "time" => (9.0, f64::INFINITY),
        "date-time" => (20.0, f64::INFINITY),
        "ipv4" => (7.0, 15.0),
        "ipv6" => (2.0, 45.0),
        "hostname" => (1.0, 253.0),
        _ => (3.0, f64::INFINITY), // `PT1S`, `a@b`, `a:b`
    }
}

/// Whether a number is a whole number of steps.
pub fn is_multiple(value: f64, step: f64) -> bool {
    let count = value / step;
    (count - count.round()).abs() < 1e-9
}

/// Whether a narrowed schema of a text, a number or a truth value takes this one.
pub fn takes(schema: &Value, value: &Value) -> bool {
    let bound = |keyword: &str| schema.get(keyword).and_then(Value::as_f64);
    if let Some(Value::Array(values)) = schema.get("enum") {
        return values.contains(value);
    }
    let length = value.as_str().map_or(0, |text| text.chars().count()) as f64;
    match schema.get("type").and_then(Value::as_str) {
        Some("boolean") => value.is_boolean(),
        Some("string") => {
            value.is_string()
                && bound("minLength").is_none_or(|least| length >= least)
                && bound("maxLength").is_none_or(|most| length <= most)
        }
        Some(kind @ ("integer" | "number")) => value.as_f64().is_some_and(|number| {
            bound("minimum").is_none_or(|least| number >= least)
                && bound("maximum").is_none_or(|most| number <= most)
                && bound("exclusiveMinimum").is_none_or(|least| number > least)
                && bound("exclusiveMaximum").is_none_or(|most| number < most)
                && (kind == "number" || number.fract() == 0.0)
        }),
        _ => false,
    }
}

/// A pair of counts; false where nothing that can be written has such a count.
pub fn bounds(
    schema: &Map<String, Value>,
    least: &str,
    most: &str,
    out: &mut Map<String, Value>,
) -> bool {
    /// What the grammar unrolls in reasonable time.
    const MAX: u64 = 4000;
    let bound = |keyword: &str| schema.get(keyword).and_then(Value::as_f64);
    let low = bound(least).map_or(0, |low| low.ceil() as u64);
    let high = bound(most).map(|high| high.floor() as u64);
    if low > high.unwrap_or(MAX).min(MAX) || bound(most).is_some_and(|high| high < 0.0) {
        return false;
    }
    if low > 0 {
        out.insert(least.into(), low.into());
    }
    if let Some(high) = high.filter(|high| *high <= MAX) {
        out.insert(most.into(), high.into());
    }
    true
}

/// Within these every whole number is exact in a 64-bit float, which the grammar computes with.
const MAX_SAFE: f64 = 9_007_199_254_740_991.0;

/// Numeric bounds, those that the grammar can hold: it has narrower ones of its own beyond. False where no number is left.
fn range(schema: &Map<String, Value>, kind: &str, out: &mut Map<String, Value>) -> bool {
    let number = |keyword: &str| schema.get(keyword).filter(|value| value.is_number());
    let float = |keyword: &str, none: f64| number(keyword).and_then(Value::as_f64).unwrap_or(none);
    let (least, above) =
        (float("minimum", f64::NEG_INFINITY), float("exclusiveMinimum", f64::NEG_INFINITY));
    let (most, below) = (float("maximum", f64::INFINITY), float("exclusiveMaximum", f64::INFINITY));
    let is_left = if kind == "integer" {
        least.ceil().max(above.floor() + 1.0) <= most.floor().min(below.ceil() - 1.0)
    } else {
        least <= most && above < below && above < most && least < below
    };
    if !is_left || least.max(above) > MAX_SAFE || most.min(below) < -MAX_SAFE {
        return false;
    }
    if let Some(step) = number("multipleOf").filter(|step| is_short(step)) {
        out.insert("multipleOf".into(), step.clone());
    }
    for keyword in ["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"] {
        if let Some(value) = number(keyword).filter(|_| float(keyword, 0.0).abs() <= MAX_SAFE) {
            out.insert(keyword.into(), value.clone());
        }
    }
    true
}

/// Whether a number is positive, at most a million, and has at most six decimals.
fn is_short(number: &Value) -> bool {
    let millionths = number.as_f64().unwrap_or(f64::NAN) * 1e6;
    (1.0..=1e12).contains(&millionths) && (millionths - millionths.round()).abs() < 1e-6
}

/// Whether a pattern is anchored and made of parts that every dialect of regular expressions shares.
fn is_plain(pattern: &str) -> bool {
    let Some(inner) = pattern.strip_prefix('^').and_then(|rest| rest.strip_suffix('$')) else {
        return false;
    };
    let mut escaped = false;
    inner.len() <= 80
        && !inner.contains("(?")
        && inner.chars().all(|c| {
            let plain =
                if escaped { "dw.-/_+".contains(c) } else { c.is_ascii() && c != '^' && c != '$' };
            escaped = !escaped && c == '\\';
            plain || c == '\\'
        })
        && !escaped
        && inner.split('{').skip(1).all(|repeat| {
            let counts = repeat.split('}').next().unwrap_or_default();
            counts
                .split(',')
                .all(|count| count.is_empty() || count.parse::<u32>().is_ok_and(|n| n <= 64))
        })
}
