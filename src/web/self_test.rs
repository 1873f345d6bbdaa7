//! The self-test of a page's GPU, one kernel a call, and what tells whether the CPU's arithmetic can be trusted.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::device::{Device, On};
use super::error;
use super::value::to_js;
use crate::Error;
use crate::self_test::{self, Outcome, cases};

#[wasm_bindgen]
extern "C" {
    /// Milliseconds of the page's monotonic clock.
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;
}

/// How the CPU's products are computed: `relaxed` or `strict`.
#[wasm_bindgen]
pub fn simd() -> String {
    if cfg!(target_feature = "relaxed-simd") { "relaxed" } else { "strict" }.into()
}

/// The hash of what the CPU computes: the same number wherever its arithmetic is right.
#[wasm_bindgen(js_name = arithmeticFingerprint)]
pub async fn arithmetic_fingerprint() -> Result<String, JsValue> {
    self_test::fingerprint().await.map_err(error::to_js)
}

/// One kernel's outcome, and how many kernels there are.
#[derive(Serialize)]
struct Step {
    count: usize,
    #[serde(flatten)]
    outcome: Outcome,
}

#[wasm_bindgen]
impl Device {
    /// Compares kernel number `index` with the oracle and measures it; undefined after the last one.
    #[wasm_bindgen(js_name = selfTest, unchecked_return_type = "object | undefined")]
    pub async fn self_test(&self, index: usize) -> Result<JsValue, JsValue> {
        let On::Gpu(backend) = &self.backend else {
            return Err(error::to_js(Error::Backend("only a GPU has a self-test".into())));
        };
        let cases = cases();
        let Some(case) = cases.get(index) else { return Ok(JsValue::UNDEFINED) };
        let outcome = case.run(backend, now).await.map_err(error::to_js)?;
        to_js(&Step { count: cases.len(), outcome })
    }
}
