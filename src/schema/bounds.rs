//! An end for every text and list, so that generation has one too.

use serde_json::Value;

use crate::tool::Arguments;

/// A string argument that the schema leaves unbounded may have this many characters.
const MAX_STRING: u64 = 400;
/// An array argument that the schema leaves unbounded may have this many items.
const MAX_ITEMS: u64 = 32;

/// RFC 3339's full-date, leap years included: llguidance's own takes 29 February in every year.
const DATE: &str = concat!(
    "[0-9]{4}-(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])",
    "|[0-9]{4}-(0[469]|11)-(0[1-9]|[12][0-9]|30)",
    "|[0-9]{4}-02-(0[1-9]|1[0-9]|2[0-8])",
    "|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29"
);
/// Its full-time, without leap seconds, of which llguidance's own has one in every minute.
const TIME: &str = concat!(
    "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?",
    "([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
);
/// Of a number that isn't a value of the schema's or of the question's: 2^53 - 1, up to where floats hold whole numbers.
const MAX_SAFE: i64 = (1 << 53) - 1;

/// Gives every string and array of a [flattened](super::flattened()) schema an end, so that generation has one too;
/// bounds that are there stay. An object's unnamed properties are closed for the same reason. Alternatives are complete:
/// what stands beside them is there to be read. A text with a pattern has `max_patterned`
/// characters at most.
pub fn bound(schema: &mut Value, max_patterned: u64) {
    let Some(object) = schema.as_object_mut() else { return };
    let is = |object: &Arguments, kind: &str| match object.get("type") {
        Some(Value::String(found)) => found == kind,
        Some(Value::Array(kinds)) => kinds.iter().any(|found| found == kind),
        _ => false,
    };
    if let Some(keyword) = ["anyOf", "oneOf"].into_iter().find(|k| object.contains_key(*k)) {
        object.retain(|name, _| name == keyword || name == "$defs" || name == "definitions");
    }
    let has_end = ["enum", "const", "format", "maxLength"]
        .iter()
        .any(|keyword| object.contains_key(*keyword));
    let most = if object.contains_key("pattern") { max_patterned } else { MAX_STRING };
    if is(object, "string") && !has_end && most < u64::MAX {
        let least = object.get("minLength").and_then(Value::as_u64).unwrap_or(0);
        object.insert("maxLength".into(), most.max(least).into());
    }
    let format = object.get("format").and_then(Value::as_str).unwrap_or_default();
    let exact = match format {
        "date" => Some(format!("^({DATE})$")),
        "time" => Some(format!("^{TIME}$")),
        "date-time" => Some(format!("^({DATE})[Tt]{TIME}$")),
        _ => None,
    };
    if let Some(pattern) = exact.filter(|_| !object.contains_key("pattern")) {
        object.remove("format");
        object.insert("pattern".into(), pattern.into());
    }
    let is_listed = object.contains_key("enum") || object.contains_key("const");
    let is_number = is(object, "integer") || is(object, "number");
    if is_number && !is_listed {
        for (keyword, sign) in [("minimum", -1.0), ("maximum", 1.0)] {
            let bound = object.get(keyword).and_then(Value::as_f64).unwrap_or(sign * f64::INFINITY);
            if bound.abs() > MAX_SAFE as f64 && bound * sign > 0.0 {
                object.insert(keyword.into(), (MAX_SAFE * sign as i64).into());
            }
        }
    }
    if is(object, "number") && !is_listed {
        end_between_steps(object);
        lift_excluded(object);
    }
    if is(object, "array") && !object.contains_key("maxItems") {
        let least = object.get("minItems").and_then(Value::as_u64).unwrap_or(0);
        object.insert("maxItems".into(), MAX_ITEMS.max(least).into());
    }
    if is(object, "object") && !object.contains_key("additionalProperties") && !is_listed {
        object.insert("additionalProperties".into(), false.into());
    }
    for keyword in ["properties", "patternProperties", "$defs", "definitions"] {
        if let Some(Value::Object(schemas)) = object.get_mut(keyword) {
            schemas.values_mut().for_each(|schema| bound(schema, max_patterned));
        }
    }
    for keyword in ["anyOf", "oneOf", "allOf", "prefixItems", "items"] {
        if let Some(Value::Array(schemas)) = object.get_mut(keyword) {
            schemas.iter_mut().for_each(|schema| bound(schema, max_patterned));
        }
    }
    for keyword in ["items", "additionalItems", "additionalProperties"] {
        if let Some(schema) = object.get_mut(keyword) {
            bound(schema, max_patterned);
        }
    }
}

/// Its decimals are counted, and those of half of it.
const SHORTEST_STEP: f64 = 1e-6;

/// Ends a number of steps half a step past the last: llguidance writes no 0.5 of steps of 0.25 that end at 0.5.
fn end_between_steps(number: &mut Arguments) {
    let float = |keyword: &str| number.get(keyword).and_then(Value::as_f64);
    // Those that are a power of ten are written to their ends.
    let is_of_ten = |step: f64| (step.log10() - step.log10().round()).abs() < 1e-9;
    let is_meant = |step: &f64| *step >= SHORTEST_STEP && step.fract() != 0.0 && !is_of_ten(*step);
    let Some(step) = float("multipleOf").filter(is_meant) else { return };
    let steps = |most: f64| most / step;
    let last = float("maximum").map(|most| (steps(most) + 1e-9).floor());
    let before = float("exclusiveMaximum").map(|most| (steps(most) - 1e-9).ceil() - 1.0);
    if let Some(last) = last.into_iter().chain(before).reduce(f64::min) {
        number.remove("exclusiveMaximum");
        number.insert("maximum".into(), ((last + 0.5) * step).into());
    }
}

/// Puts a least number in the place of an excluded whole one where the greatest begins with that, too: llguidance takes
/// 0 for more than 0 and at most 0.5.
fn lift_excluded(number: &mut Arguments) {
    let float = |keyword: &str, none| number.get(keyword).and_then(Value::as_f64).unwrap_or(none);
    let least = float("exclusiveMinimum", f64::NAN);
    let most = float("maximum", f64::INFINITY).min(float("exclusiveMaximum", f64::INFINITY));
    if least.fract() == 0.0
        && least < most
        && most < least + 1.0
        && float("minimum", f64::NEG_INFINITY) <= least
    {
        number.remove("exclusiveMinimum");
        number.insert("minimum".into(), (least + ((most - least) / 2.0).min(1e-6)).into());
    }
}
