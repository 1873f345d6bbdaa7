//! References (`$ref`) within one document, and what of a schema is not supported.

use serde_json::Value;

/// References that may follow one another; longer chains are taken for cycles.
const MAX_CHAIN: usize = 16;

/// What part of a schema can't become part of a tool. `at` is the JSON path of the part at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unsupported {
    /// It is not what JSON Schema says.
    #[error("{at}: expected {expected}")]
    Malformed {
        /// The part.
        at: String,
        /// What should stand there.
        expected: &'static str,
    },
    /// A `$ref` leads to another file.
    #[error("{at}: the reference {reference} leads out of the document")]
    ExternalReference {
        /// The part.
        at: String,
        /// Where it leads.
        reference: String,
    },
    /// A `$ref` leads nowhere.
    #[error("{at}: the reference {reference} leads nowhere")]
    BrokenReference {
        /// The part.
        at: String,
        /// Where it should lead.
        reference: String,
    },
    /// A chain of `$ref`s does not end.
    #[error("{at}: the reference leads to itself")]
    CyclicReference {
        /// The part.
        at: String,
    },
    /// The argument grammar does not support it.
    #[error("{at}: {problem}")]
    Schema {
        /// The part.
        at: String,
        /// What is wrong with it.
        problem: &'static str,
    },
}

impl Unsupported {
    /// The kind in a word, for counting.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "malformed",
            Self::ExternalReference { .. } => "external_reference",
            Self::BrokenReference { .. } => "broken_reference",
            Self::CyclicReference { .. } => "cyclic_reference",
            Self::Schema { .. } => "schema",
        }
    }
}

/// A document that references lead into.
#[derive(Clone, Copy, Debug)]
pub struct References<'a> {
    root: &'a Value,
}

impl<'a> References<'a> {
    /// References into `root`.
    pub fn new(root: &'a Value) -> Self {
        Self { root }
    }

    /// Follows `value` while it is a `$ref` into the document; `at` is where it stands.
    pub fn resolve(&self, mut value: &'a Value, at: &str) -> Result<&'a Value, Unsupported> {
        for _ in 0..MAX_CHAIN {
            let Some(reference) = value.get("$ref").and_then(Value::as_str) else {
                return Ok(value);
            };
            let (at, reference) = (at.to_owned(), reference.to_owned());
            let Some(pointer) = reference.strip_prefix('#') else {
                return Err(Unsupported::ExternalReference { at, reference });
            };
            value = match self.root.pointer(pointer) {
                Some(value) => value,
                None => match self.root.pointer(&percent_decode(pointer)) {
                    Some(value) => value,
                    None => return Err(Unsupported::BrokenReference { at, reference }),
                },
            };
        }
        Err(Unsupported::CyclicReference { at: at.into() })
    }
}

/// A URI fragment's `%7B` and the like as characters (RFC 6901, section 6).
fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let code = (byte == b'%').then(|| tail.get(..2)).flatten();
        let code = code.and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(decoded) => {
                bytes.push(decoded);
                rest = &tail[2..];
            }
            None => {
                bytes.push(byte);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
