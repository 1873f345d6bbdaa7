//! Tools at run time, for JavaScript.

use js_sys::Promise;
use serde::Deserialize;
use serde_json::json;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::device::on;
use super::engine::Engine;
use super::error;
use super::value::{exact_to_js, from_js, to_js};
use crate::openapi::{self, Document};
use crate::schema::digits;
use crate::tool::Tool;

/// An example as the page gives it, with what [`Engine::example`] made of its question.
#[derive(Deserialize)]
struct Example {
    tool: Option<String>,
    state: Vec<f32>,
    row: Vec<f32>,
}

/// A tool that can be called, once its row is known.
#[wasm_bindgen]
pub struct PreparedTool(Tool, Vec<String>);

#[wasm_bindgen]
impl PreparedTool {
    /// The tool's document, with its schema narrowed where that was needed.
    #[wasm_bindgen(getter, unchecked_return_type = "object")]
    pub fn tool(&self) -> Result<JsValue, JsValue> {
        exact_to_js(&self.0)
    }

    /// What its schema had to lose.
    #[wasm_bindgen(getter)]
    pub fn left_out(&self) -> Vec<String> {
        self.1.clone()
    }
}

#[wasm_bindgen]
impl Engine {
    /// Takes a tool's document over, with its schema narrowed if need be; fails when it can't be called.
    pub fn prepare(&self, tool: JsValue) -> Result<PreparedTool, JsValue> {
        let mut tool: Tool = from_js(tool)?;
        digits::restore_schema(&mut tool.parameters);
        let callable = on!(&self.0, engine => engine.callable(&tool)).map_err(error::to_js)?;
        Ok(PreparedTool(callable.0, callable.1))
    }

    /// A name for the row of a tool's document: the same name, the same row.
    pub fn document_key(&self, tool: &PreparedTool) -> Result<String, JsValue> {
        on!(&self.0, engine => engine.document_key(&tool.0)).map_err(error::to_js)
    }

    /// The row of a tool's document: resolves to a `Float32Array`.
    #[wasm_bindgen(unchecked_return_type = "Promise<Float32Array>")]
    pub fn document_row(&self, tool: &PreparedTool) -> Promise {
        let tool = tool.0.clone();
        on!(&self.0, engine => {
            let maker = engine.row_maker();
            future_to_promise(async move {
                let row = maker.row(&tool).await.map_err(error::to_js)?;
                Ok(js_sys::Float32Array::from(row.as_slice()).into())
            })
        })
    }

    /// Whether the tool has a row already, which stays.
    pub fn has_row(&self, tool: &PreparedTool) -> Result<bool, JsValue> {
        on!(&self.0, engine => engine.has_row(&tool.0)).map_err(error::to_js)
    }

    /// Takes tools whose rows stay; consumes them.
    pub fn update_tools(&mut self, tools: Vec<PreparedTool>) -> Result<(), JsValue> {
        let tools: Vec<Tool> = tools.into_iter().map(|tool| tool.0).collect();
        on!(&mut self.0, engine => engine.update_tools(&tools)).map_err(error::to_js)
    }

    /// Takes tools with their rows, one after another; consumes them.
    pub fn add_tools(&mut self, tools: Vec<PreparedTool>, rows: &[f32]) -> Result<(), JsValue> {
        let tools: Vec<Tool> = tools.into_iter().map(|tool| tool.0).collect();
        on!(&mut self.0, engine => engine.add_tools(&tools, rows)).map_err(error::to_js)
    }

    /// Lets tools go.
    pub fn remove_tools(&mut self, names: Vec<String>) -> Result<(), JsValue> {
        on!(&mut self.0, engine => engine.remove_tools(&names)).map_err(error::to_js)
    }

    /// Pairs of tools that are alike; with `names`, pairs that one of these is in.
    #[wasm_bindgen(unchecked_return_type = "object[]")]
    pub fn similar(&self, names: Option<Vec<String>>, least: f32) -> Result<JsValue, JsValue> {
        let names = names.as_deref();
        to_js(&on!(&self.0, engine => engine.similar(names, least)).map_err(error::to_js)?)
    }

    /// What an example needs of its question: resolves to `{ state, row }`.
    #[wasm_bindgen(unchecked_return_type = "Promise<object>")]
    pub fn example(&self, question: String) -> Promise {
        on!(&self.0, engine => {
            let maker = engine.row_maker();
            future_to_promise(async move {
                let (state, row) = maker.example(&question).await.map_err(error::to_js)?;
                to_js(&json!({ "state": state, "row": row }))
            })
        })
    }

    /// Moves rows towards examples `{ tool, state, row }`; `tool` is null where none fits.
    pub fn teach(&mut self, examples: JsValue) -> Result<(), JsValue> {
        let examples = from_js::<Vec<Example>>(examples)?;
        let examples = examples.into_iter().map(|e| (e.tool, (e.state, e.row))).collect();
        on!(&mut self.0, engine => engine.teach(examples)).map_err(error::to_js)
    }

    /// The tools with their rows as the bytes of a pack.
    pub fn pack_bytes(&self) -> Result<Vec<u8>, JsValue> {
        on!(&self.0, engine => engine.pack().and_then(|pack| pack.to_bytes())).map_err(error::to_js)
    }
}

/// The tools of an OpenAPI document in JSON, what these had to lose, and what became no tool:
/// `{ tools, narrowed: { name, leftOut }[], skipped: { path, reason }[] }`. `fixed` has values of parameters that are no
/// arguments then.
#[wasm_bindgen(unchecked_return_type = "object")]
pub fn import_openapi(
    document: &str,
    base_url: Option<String>,
    fixed: JsValue,
) -> Result<JsValue, JsValue> {
    let document = Document::parse(document).map_err(error::to_js)?;
    let fixed = from_js::<Option<_>>(fixed)?.unwrap_or_default();
    let options = openapi::Options { base_url, fixed, api: None };
    let names = &mut openapi::Names::default();
    let import = openapi::import(&document, &options, names).map_err(error::to_js)?;
    let operations = import.operations.iter();
    let tools: Vec<_> = operations.clone().map(|operation| &operation.tool).collect();
    let narrowed = operations.filter(|operation| !operation.left_out.is_empty());
    let narrowed: Vec<_> =
        narrowed.map(|o| json!({ "name": o.tool.name, "leftOut": o.left_out })).collect();
    let skipped = import.skipped.iter();
    let skipped: Vec<_> =
        skipped.map(|s| json!({ "path": s.path, "reason": s.reason.to_string() })).collect();
    exact_to_js(&json!({ "tools": tools, "narrowed": narrowed, "skipped": skipped }))
}
