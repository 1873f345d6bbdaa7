//! Values across the border, as JSON would have them.

use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use super::error;
use crate::Error;
use crate::conversation::Question;
use crate::schema::digits;

/// Plain objects and arrays.
pub fn to_js(value: &impl Serialize) -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&serializer).map_err(JsValue::from)
}

/// The same, of what may hold whole numbers past 2^53: events and tools. JavaScript would have them as others, so each is a
/// text of its digits, and reaches a URL as it was said.
pub fn exact_to_js(value: &impl Serialize) -> Result<JsValue, JsValue> {
    let wrong = |reason: serde_json::Error| error::to_js(Error::Backend(reason.to_string()));
    let mut value = serde_json::to_value(value).map_err(wrong)?;
    digits::spell(&mut value);
    // Through JSON's own parser: an object that is filled property by property would take `__proto__` for its prototype.
    js_sys::JSON::parse(&value.to_string())
}

/// A value of JavaScript; what isn't of the form is a pack's error.
pub fn from_js<T: DeserializeOwned>(value: JsValue) -> Result<T, JsValue> {
    serde_wasm_bindgen::from_value(value)
        .map_err(|reason| error::to_js(Error::pack("tools", reason.to_string())))
}

/// A question: a text, or an object. It is read as JSON, whose depth serde_json bounds; what isn't of the form is a
/// wrong option.
pub fn question(value: JsValue) -> Result<Question, JsValue> {
    if let Some(text) = value.as_string() {
        return Ok(text.as_str().into());
    }
    let wrong = |reason: String| error::to_js(Error::Option { name: "question", reason });
    let json = js_sys::JSON::stringify(&value)
        .ok()
        .and_then(|json| json.as_string())
        .ok_or_else(|| wrong("is no text and no JSON".into()))?;
    let question = Question::from_json(&json).map_err(|reason| wrong(reason.to_string()))?;
    Ok(question.within_limits())
}
