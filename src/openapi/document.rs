//! The file: its syntax, its version, and references within it.

use serde_json::{Map, Value};

use super::{MAX_BYTES, Reason};
use crate::schema::{References, Unsupported};
use crate::{Error, Result};

/// A parsed document of a version that is read.
#[derive(Clone, Debug)]
pub struct Document {
    root: Value,
    version: Version,
}

/// The dialects, as far as they differ for a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// Swagger 2.0.
    Swagger2,
    /// OpenAPI 3.0 or 3.1: their schemas differ in keywords that are read side by side.
    OpenApi3,
}

impl Document {
    /// Reads JSON; where YAML is compiled in (feature `openapi`), what is no JSON is read as YAML.
    pub fn parse(text: &str) -> Result<Self> {
        if text.len() > MAX_BYTES {
            return Err(too_large(text.len() as u64));
        }
        // serde_json refuses more than 128 levels, so no later walk can run out of stack.
        let root = match serde_json::from_str(text) {
            Ok(root) => root,
            Err(error) if text.trim_start().starts_with('{') => {
                return Err(Error::openapi("$", format!("is not JSON: {error}")));
            }
            Err(error) => parse_yaml(text, &error)?,
        };
        Self::from_value(root)
    }

    /// Reads a file; one over the size limit is refused before it is read.
    #[cfg(feature = "openapi")]
    pub fn read(path: &std::path::Path) -> Result<Self> {
        let io = Error::io(path);
        let bytes = std::fs::metadata(path).map_err(io)?.len();
        if bytes > MAX_BYTES as u64 {
            return Err(too_large(bytes));
        }
        Self::parse(&std::fs::read_to_string(path).map_err(io)?)
    }

    /// Checks that a value is a document of a version that is read.
    pub fn from_value(root: Value) -> Result<Self> {
        let object = root.as_object().ok_or_else(|| Error::openapi("$", "is not an object"))?;
        let text = |field: &str| object.get(field).map(Value::to_string);
        let version = match (text("openapi"), text("swagger")) {
            (Some(version), _) if version.trim_matches('"').starts_with("3.") => Version::OpenApi3,
            (None, Some(version)) if version.trim_matches('"').starts_with('2') => {
                Version::Swagger2
            }
            (Some(version), _) => {
                let reason = format!("is {version}; versions 3.0 and 3.1 are read");
                return Err(Error::openapi("$.openapi", reason));
            }
            (None, Some(version)) => {
                return Err(Error::openapi("$.swagger", format!("is {version}; 2.0 is read")));
            }
            (None, None) => {
                let reason = "has neither `openapi` nor `swagger`: this is not an OpenAPI document";
                return Err(Error::openapi("$", reason));
            }
        };
        Ok(Self { root, version })
    }

    /// The whole document.
    pub fn root(&self) -> &Value {
        &self.root
    }

    /// Its dialect.
    pub fn version(&self) -> Version {
        self.version
    }

    /// `paths`, which a document of webhooks alone (OpenAPI 3.1) lacks.
    pub fn paths(&self) -> Result<impl Iterator<Item = (&str, &Value)>> {
        let paths = match self.root.get("paths") {
            None | Some(Value::Null) => None,
            Some(Value::Object(paths)) => Some(paths),
            Some(_) => return Err(Error::openapi("$.paths", "is not an object")),
        };
        Ok(paths.into_iter().flatten().map(|(path, item)| (path.as_str(), item)))
    }

    /// Follows `value` while it is a `$ref` (Reference Object) to a part of this document;
    /// `at` is where it stands.
    pub fn resolve<'a>(&'a self, value: &'a Value, at: &str) -> Result<&'a Value, Unsupported> {
        self.references().resolve(value, at)
    }

    /// What its references lead into.
    pub fn references(&self) -> References<'_> {
        References::new(&self.root)
    }

    /// Like [`Self::resolve`], and the part must be an object.
    pub fn object<'a>(
        &'a self,
        value: &'a Value,
        at: &str,
    ) -> Result<&'a Map<String, Value>, Reason> {
        let malformed = || Reason::Malformed { at: at.into(), expected: "an object" };
        self.resolve(value, at)?.as_object().ok_or_else(malformed)
    }
}

fn too_large(bytes: u64) -> Error {
    Error::openapi("$", format!("has {bytes} bytes, more than the {MAX_BYTES} that are read"))
}

/// Events that aliases may add to a text's own. An anchor that is used often is no sign of a bomb: what it grows to is.
#[cfg(feature = "openapi")]
const MAX_REPLAYED: usize = 2_000_000;
/// Levels of a document, as in JSON.
#[cfg(feature = "openapi")]
const MAX_LEVELS: usize = 128;

#[cfg(feature = "openapi")]
fn parse_yaml(text: &str, _: &serde_json::Error) -> Result<Value> {
    // Each event takes a character at least.
    let most = text.len() + MAX_REPLAYED;
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: most, max_nodes: most, max_total_scalar_bytes: 4 * MAX_BYTES, max_depth: MAX_LEVELS,
            max_recorded_anchor_events: MAX_REPLAYED, enforce_alias_anchor_ratio: false,
        },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: MAX_REPLAYED },
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let reason = error.to_string();
        Error::openapi("$", format!("is neither JSON nor YAML: {reason}"))
    })
}

#[cfg(not(feature = "openapi"))]
fn parse_yaml(_: &str, error: &serde_json::Error) -> Result<Value> {
    let reason =
        format!("is not JSON: {error}. YAML has to be parsed first; pass what comes of it");
    Err(Error::openapi("$", reason))
}
