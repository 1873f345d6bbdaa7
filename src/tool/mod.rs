//! What a tool is: a document and a JSON Schema for people and models, and how to call it.
//!
//! [`dataset`] reads tools and example questions from JSON Lines; [`pack`] is the file that carries tools, with their tokens' rows, beside a checkpoint.

pub mod dataset;
pub mod pack;
pub mod text;
mod token_table;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use dataset::{Call, Instance};
pub use pack::ToolPack;

/// A tool's arguments: a JSON object.
pub type Arguments = Map<String, Value>;

/// A tool: one line of `tools.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    /// Its unique name.
    pub name: String,
    /// What it does and when to use it, in a sentence or two.
    pub description: String,
    /// JSON Schema of its arguments, of type `object`.
    pub parameters: Value,
    /// The HTTP request that executes it; without one, the application brings a function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http: Option<Http>,
    /// Hints, in the Model Context Protocol's words.
    #[serde(default)]
    pub annotations: Annotations,
}

/// An HTTP request as data.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Http {
    /// The request's method.
    pub method: String,
    /// Where to; `{parameter}` in the path is replaced by the percent-encoded argument.
    pub url: String,
    /// Query parameters: a literal or `{parameter}`; dropped when the argument is absent.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub query: BTreeMap<String, String>,
    /// Request headers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// JSON body, with `{parameter}` in its strings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// What the browser adds of its own, such as cookies, in `fetch`'s words; `omit` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials: Option<String>,
    /// Which part of the answer to show: label → JSON Pointer (RFC 6901).
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub result: Map<String, Value>,
    /// The API's own documentation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documentation: Option<String>,
}

/// Hints about a tool.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Annotations {
    /// A short title for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Whether calling it changes nothing; anything else wants approval.
    pub read_only_hint: bool,
    /// Whether calling it twice does no more than calling it once.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub idempotent_hint: bool,
}

/// A tool and arguments that satisfy its schema.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    /// The tool's name.
    pub name: String,
    /// Its arguments.
    pub arguments: Arguments,
}
