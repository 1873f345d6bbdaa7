//! OpenAPI documents as tools: each operation that the project can carry out becomes one.
//!
//! OpenAPI 3.0 and 3.1 (<https://spec.openapis.org/oas/v3.1.0>) and its predecessor Swagger 2
//! (<https://spec.openapis.org/oas/v2.0>) are read, from JSON everywhere and from YAML natively.
//! What a tool can't hold is not bent until it fits: the operation is left out, and the
//! [`Import::skipped`] list says which and why.
//!
//! 1. [`Document`]: the file, its version, and `$ref`s to other parts of it.
//! 2. `request`, `body`, `server`: where each parameter goes, and to which host; `keys`: which none of the question is; schemas are
//!    [narrowed](crate::schema).
//! 3. `name`: a tool's name.
//!
//! Natively, `corpus` makes training data of whole folders of documents (feature `openapi`).

mod body;
#[cfg(feature = "openapi")]
pub mod corpus;
mod document;
mod keys;
mod name;
mod operation;
mod parameter;
mod request;
mod server;
mod skipped;

use std::collections::BTreeMap;

use serde_json::Value;

pub use document::Document;
pub use name::{Names, snake_case};
pub use skipped::{Reason, Skipped};

use crate::Result;
use crate::tool::Tool;
use crate::tool::text::plain;

/// Bytes that a document may have: the largest of 2,637 public ones has 47 million.
pub const MAX_BYTES: usize = 64 << 20;

/// How operations become tools.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Takes the place of the document's servers; the path of a relative one follows it.
    pub base_url: Option<String>,
    /// Values of parameters that no question has, keys and tenants: these are no arguments, and stand in the request.
    pub fixed: BTreeMap<String, String>,
    /// Names the API in every tool's name and description, so that tools of many APIs can stand together.
    pub api: Option<Api>,
}

/// An API among others.
#[derive(Clone, Debug, PartialEq)]
pub struct Api {
    /// Begins the tools' names, in snake_case.
    pub name: String,
    /// Begins the tools' descriptions.
    pub title: String,
}

/// An operation as a tool, with the words that its document describes it in.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// The tool.
    pub tool: Tool,
    /// The operation's `summary` as one line of plain text; may be empty.
    pub summary: String,
    /// The operation's `description` likewise.
    pub description: String,
    /// What the tool's arguments can't have of the operation's schemas, each part as its JSON path and why.
    pub left_out: Vec<String>,
}

/// What a document gave.
#[derive(Clone, Debug, Default)]
pub struct Import {
    /// The operations that became tools, in the document's order.
    pub operations: Vec<Operation>,
    /// Those that did not.
    pub skipped: Vec<Skipped>,
}

/// Every operation of a document. `names` keeps tool names unique over several documents.
pub fn import(document: &Document, options: &Options, names: &mut Names) -> Result<Import> {
    let mut import = Import::default();
    for (path, item) in document.paths()? {
        operation::import_path(document, path, item, options, names, &mut import);
    }
    Ok(import)
}

/// A document's title, `info.title`; may be empty.
pub fn title(document: &Document) -> String {
    let title = document.root().pointer("/info/title").and_then(Value::as_str);
    plain(title.unwrap_or_default())
}
