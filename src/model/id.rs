//! What a model is made of: a name that tool packs and rows carry.

use std::fmt;

/// The SHA-256 of a model's files, in hexadecimal. A tool's row fits one model, to the byte.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ModelId {
    /// The checkpoint's.
    pub checkpoint: String,
    /// The adapter's, where there is one.
    pub adapter: Option<String>,
}

impl ModelId {
    /// What of this model isn't `other`'s, and what is there in its place.
    pub fn difference(&self, other: &Self) -> (String, String) {
        let adapter = |id: &Self| match &id.adapter {
            Some(adapter) => format!("adapter {adapter}"),
            None => "no adapter".into(),
        };
        let checkpoint = |id: &Self| format!("checkpoint {}", id.checkpoint);
        match self.checkpoint == other.checkpoint {
            true => (adapter(self), adapter(other)),
            false => (checkpoint(self), checkpoint(other)),
        }
    }
}

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "checkpoint {}", self.checkpoint)?;
        match &self.adapter {
            Some(adapter) => write!(f, " with adapter {adapter}"),
            None => write!(f, " without adapter"),
        }
    }
}
