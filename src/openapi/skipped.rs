//! Why an operation became no tool.

use crate::schema::Unsupported;

/// An operation, or a path with all of its operations, that became no tool.
#[derive(Clone, Debug, PartialEq)]
pub struct Skipped {
    /// Where in the document (JSON path).
    pub path: String,
    /// Why.
    pub reason: Reason,
}

/// What a tool can't hold. Where a field `at` is named, it is the JSON path of the part at fault.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// Part of the document is not what the specification says.
    #[error("{at}: expected {expected}")]
    Malformed {
        /// The part.
        at: String,
        /// What should stand there.
        expected: &'static str,
    },
    /// No server has an absolute address with a host.
    #[error("no server with an absolute URL; give the base URL (`baseUrl`, --base-url)")]
    RelativeServer,
    /// Every server is plain HTTP, which a page may not ask.
    #[error("no server that speaks HTTPS; give a base URL that does (`baseUrl`, --base-url)")]
    InsecureServer,
    /// The body is neither JSON nor a form nor absent.
    #[error("the body is {media_type}, neither JSON nor a form")]
    BodyType {
        /// What it is.
        media_type: String,
    },
    /// A parameter goes where the executor can't put it.
    #[error("{at}: a parameter in {place} can't be sent")]
    Placement {
        /// The parameter.
        at: String,
        /// Where it should go, or how it should be written.
        place: String,
    },
    /// A required value has a schema that is not supported.
    #[error(transparent)]
    Schema(#[from] Unsupported),
    /// The method is not one that the executor sends.
    #[error("the method {0} can't be sent from a page")]
    Method(String),
    /// There is neither a summary nor a description.
    #[error("neither a summary nor a description")]
    Undescribed,
    /// Another operation of the API reads the same.
    #[error("another operation has the same description")]
    Duplicate,
}

impl Reason {
    /// The kind of reason in a word, for counting.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "malformed",
            Self::RelativeServer => "relative_server",
            Self::InsecureServer => "insecure_server",
            Self::BodyType { .. } => "body_type",
            Self::Placement { .. } => "placement",
            Self::Schema(unsupported) => unsupported.kind(),
            Self::Method(_) => "method",
            Self::Undescribed => "undescribed",
            Self::Duplicate => "duplicate",
        }
    }
}
