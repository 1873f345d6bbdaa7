//! OpenAPI documents as tools: each operation that the project can carry out becomes one.
//!
//! OpenAPI 3.0 and 3.1 (<https://spec.openapis.org/oas/v3.1.0>) and its predecessor Swagger 2
//! (<https://spec.openapis.org/oas/v2.0>) are read, from JSON everywhere and from YAML natively.
//! What a tool can't hold is not bent until it fits: the operation is left out, and the
//! [`Import::skipped`] list says which and why.
//!
//! 1. [`Document`]: the file, its version, and `$ref`s to other parts of it.
//! 2. [`schema`]: JSON Schemas narrowed to the keywords of the argument grammar.
//! 3. [`request`], [`server`]: where each parameter goes, and to which host.
//! 4. [`name`], [`text`]: a tool's name and description.
//!
//! Natively, `directory` reads a whole folder of documents, `question` asks for an operation as a
//! person would, and `sample` does so for a whole folder (feature `openapi`).

#[cfg(feature = "openapi")]
pub mod api;
#[cfg(feature = "openapi")]
pub mod directory;
mod document;
mod name;
mod operation;
#[cfg(feature = "openapi")]
pub mod question;
mod request;
#[cfg(feature = "openapi")]
pub mod sample;
mod schema;
mod server;
mod skipped;
pub mod text;

use serde_json::{Map, Value};

pub use document::Document;
pub use name::{Names, snake_case};
pub use skipped::{Reason, Skipped};

use super::Tool;
use crate::Result;

/// Bytes that a document may have: the largest of 2,637 public ones has 47 million.
pub const MAX_BYTES: usize = 64 << 20;

/// How operations become tools.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Replaces the document's servers, for documents that name none or a relative one.
    pub base_url: Option<String>,
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

/// A JSON Schema of arguments from elsewhere, such as an MCP server, narrowed to what the argument grammar
/// holds: whatever satisfies the result satisfies `schema`, where formats, intricate patterns and `uniqueItems`
/// are left to who takes the arguments. References lead into `schema` itself.
pub fn narrow(schema: &Value) -> Result<Value, Reason> {
    if let Some(keyword) = unheld(schema) {
        return Err(Reason::Schema {
            at: format!("parameters: {keyword}"),
            problem: "can't be held",
        });
    }
    let document = Document::of_schema(schema.clone());
    schema::Narrower::new(&document).narrow(schema, "parameters")
}

/// A keyword somewhere in a schema that narrowing would pass over, so that less would hold than it says.
fn unheld(schema: &Value) -> Option<&'static str> {
    const KEYWORDS: [&str; 9] = [
        "not",
        "if",
        "contains",
        "dependentRequired",
        "dependentSchemas",
        "dependencies",
        "propertyNames",
        "minProperties",
        "unevaluatedProperties",
    ];
    let object = schema.as_object()?;
    let own = KEYWORDS.into_iter().find(|keyword| object.contains_key(*keyword));
    let within = |keyword: &&str| object.get(*keyword);
    let maps = ["properties", "$defs", "definitions"];
    let maps = maps.iter().filter_map(within).filter_map(Value::as_object).flat_map(Map::values);
    let lists = ["anyOf", "oneOf", "allOf", "prefixItems"];
    let lists = lists.iter().filter_map(within).filter_map(Value::as_array).flatten();
    own.or_else(|| maps.chain(lists).chain(object.get("items")).find_map(unheld))
}

/// A document's title, `info.title`; may be empty.
pub fn title(document: &Document) -> String {
    let title = document.root().pointer("/info/title").and_then(Value::as_str);
    text::plain(title.unwrap_or_default())
}
