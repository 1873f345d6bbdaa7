//! Errors as JavaScript `Error` objects with a `name` and a `code`.

use js_sys::Reflect;
use wasm_bindgen::JsValue;

use crate::Error;

/// The error for `throw`.
pub fn to_js(error: Error) -> JsValue {
    make(error.code(), &error.to_string())
}

/// A stream's `next()` was called before its last promise settled.
pub fn busy() -> JsValue {
    make("busy", "next() was called while another next() is pending; await it first")
}

fn make(code: &str, message: &str) -> JsValue {
    let error: JsValue = js_sys::Error::new(message).into();
    for (key, value) in [("name", "ToolgenError"), ("code", code)] {
        let set = Reflect::set(&error, &key.into(), &value.into());
        debug_assert!(set.is_ok(), "an Error object takes properties");
    }
    error
}
