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
    pub fn resolve<'v>(&self, mut value: &'v Value, at: &str) -> Result<&'v Value, Unsupported>
    where
        'a: 'v,
    {
        for _ in 0..MAX_CHAIN {
            let Some(reference) = value.get("$ref").and_then(Value::as_str) else {
                return Ok(value);
            };
            value = self.target(reference, at)?;
        }
        Err(Unsupported::CyclicReference { at: at.into() })
    }

    /// What a `$ref` that stands at `at` leads to: a JSON Pointer or an `$anchor`, behind the document's own `$id`
    /// or that of a schema in it, or behind nothing.
    pub fn target(&self, reference: &str, at: &str) -> Result<&'a Value, Unsupported> {
        let (base, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let is_own = base.is_empty() || is_id(self.root, base);
        let resource = if is_own { Some(self.root) } else { find(self.root, &|s| is_id(s, base)) };
        let Some(resource) = resource else {
            let (at, reference) = (at.into(), reference.into());
            return Err(Unsupported::ExternalReference { at, reference });
        };
        let decoded = percent_decode(fragment);
        let is_anchored = |schema: &Value| schema.get("$anchor").is_some_and(|own| *own == decoded);
        let found = resource.pointer(fragment).or_else(|| resource.pointer(&decoded));
        found.or_else(|| find(resource, &is_anchored)).ok_or_else(|| Unsupported::BrokenReference {
            at: at.into(),
            reference: reference.into(),
        })
    }
}

/// Whether a schema has this `$id` (`id` in draft 4), with or without an empty fragment.
fn is_id(schema: &Value, id: &str) -> bool {
    let own = ["$id", "id"].iter().find_map(|keyword| schema.get(*keyword)?.as_str());
    own.is_some_and(|own| own.trim_end_matches('#') == id)
}

/// The first part of a document that `is_wanted`.
fn find<'a>(value: &'a Value, is_wanted: &dyn Fn(&Value) -> bool) -> Option<&'a Value> {
    let mut parts: Vec<&Value> = vec![value];
    while let Some(part) = parts.pop() {
        if is_wanted(part) {
            return Some(part);
        }
        match part {
            Value::Object(entries) => parts.extend(entries.values()),
            Value::Array(items) => parts.extend(items),
            _ => {}
        }
    }
    None
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
