//! The crate's error type.
//!
//! An error names the thing at fault (file and offset, tensor, tool, JSON path) and what to do
//! about it. [`Error::code`] is the stable word that the JavaScript side switches on.

use std::path::{Path, PathBuf};

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, and where.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The checkpoint is not a well-formed GGUF file.
    #[error("checkpoint: invalid GGUF near byte {offset}: {reason}")]
    Gguf {
        /// Bytes from the start of the file.
        offset: u64,
        /// What was found there.
        reason: String,
    },
    /// The checkpoint ended early.
    #[error(
        "checkpoint: the file ends at byte {received} of {expected}; download it again and check its SHA-256"
    )]
    Truncated {
        /// Bytes that arrived.
        received: u64,
        /// Bytes that its header or its sender promised.
        expected: u64,
    },
    /// A tensor is missing or is not what the architecture needs.
    #[error("checkpoint: tensor `{name}`: {reason}")]
    Tensor {
        /// The tensor's name in the file.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A metadata entry is missing, of the wrong type or out of range.
    #[error("checkpoint: metadata `{key}`: {reason}")]
    Metadata {
        /// The entry's key in the file.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The tokenizer could not be made or did not accept a text.
    #[error("tokenizer: {0}")]
    Tokenizer(String),
    /// The tool pack is malformed.
    #[error("tool pack: {field}: {reason}")]
    Pack {
        /// The tensor or metadata entry at fault.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
    /// An adapter or a tool pack was made for another model.
    #[error("{file}: made for {expected}, but loaded is {found}; load that one or {remedy}")]
    BaseMismatch {
        /// The file: the adapter or the tool pack.
        file: &'static str,
        /// What it names, the checkpoint or the adapter, with the SHA-256.
        expected: String,
        /// What is loaded, likewise.
        found: String,
        /// What makes one that fits.
        remedy: &'static str,
    },
    /// A question was asked before a pack was loaded.
    #[error("there are no tools yet; load a tool pack or register tools")]
    NoPack,
    /// A tool's document or its JSON Schema can't be used.
    #[error("tool `{tool}`: {path}: {reason}")]
    Schema {
        /// The tool's name.
        tool: String,
        /// Where in its document (JSON path).
        path: String,
        /// What is wrong there.
        reason: String,
    },
    /// An OpenAPI document can't be read.
    #[error("OpenAPI document: {path} {reason}")]
    OpenApi {
        /// Where in the document (JSON path).
        path: String,
        /// What is wrong there.
        reason: String,
    },
    /// The question holds no text.
    #[error("the question is empty; type what you want to know or do")]
    QuestionEmpty,
    /// The question does not fit the context.
    #[error("the question has {tokens} tokens, more than the {limit} that fit; shorten it")]
    QuestionTooLong {
        /// The question's length in tokens.
        tokens: usize,
        /// The most that a question may have.
        limit: usize,
    },
    /// The arguments did not end within their budget.
    #[error(
        "tool `{tool}`: its arguments were not complete after {limit} tokens; ask in fewer words or bound the schema with maxLength and maxItems"
    )]
    ArgumentsTooLong {
        /// The tool's name.
        tool: String,
        /// The budget in tokens.
        limit: usize,
    },
    /// A data set line can't be used.
    #[error("{path}:{line}: {reason}")]
    Dataset {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// A file can't be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The OS error.
        source: std::io::Error,
    },
    /// An adapter or its memorization head can't be used.
    #[error("adapter: {field}: {reason}")]
    Adapter {
        /// The configuration's field or the tensor at fault.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Training data or settings can't be used.
    #[error("training: {0}")]
    Training(String),
    /// An option has a value that it doesn't take.
    #[error("option `{name}`: {reason}")]
    Option {
        /// The option.
        name: &'static str,
        /// What is wrong with its value.
        reason: String,
    },
    /// A stream was asked for something that its state doesn't allow.
    #[error("out of turn: {0}")]
    OutOfTurn(&'static str),
    /// The compute backend failed.
    #[error("backend: {0}")]
    Backend(String),
    /// WebGPU can't be used, or can't do what was asked.
    #[error("WebGPU: {what}: {reason}; the CPU can compute instead")]
    Gpu {
        /// The part at fault: the adapter, a buffer, a kernel.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The GPU's device is gone: its driver was reset, or the system took it away.
    #[error("WebGPU: the device was lost ({reason}); load the model again")]
    DeviceLost {
        /// What the driver said.
        reason: String,
    },
}

impl Error {
    /// A stable, machine-readable word for the kind of error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Gguf { .. } | Self::Truncated { .. } => "gguf",
            Self::Tensor { .. } | Self::Metadata { .. } => "checkpoint",
            Self::Tokenizer(_) => "tokenizer",
            Self::Pack { .. } => "pack",
            Self::BaseMismatch { .. } => "base_mismatch",
            Self::NoPack => "no_pack",
            Self::Schema { .. } => "schema",
            Self::OpenApi { .. } => "openapi",
            Self::QuestionEmpty => "question_empty",
            Self::QuestionTooLong { .. } => "question_too_long",
            Self::ArgumentsTooLong { .. } => "arguments_too_long",
            Self::Dataset { .. } => "dataset",
            Self::Adapter { .. } => "adapter",
            Self::Io { .. } => "io",
            Self::Training(_) => "training",
            Self::Option { .. } => "bad_option",
            Self::OutOfTurn(_) => "out_of_turn",
            Self::Backend(_) => "backend",
            Self::Gpu { .. } => "gpu",
            Self::DeviceLost { .. } => "device_lost",
        }
    }

    /// For `map_err`: what went wrong with the file at `path`.
    pub fn io<P: AsRef<Path> + ?Sized>(path: &P) -> impl Fn(std::io::Error) -> Self + Copy {
        move |source| Self::Io { path: path.as_ref().into(), source }
    }

    pub(crate) fn tensor(name: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Tensor { name: name.into(), reason: reason.into() }
    }

    pub(crate) fn metadata(key: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Metadata { key: key.into(), reason: reason.into() }
    }

    pub(crate) fn pack(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Pack { field: field.into(), reason: reason.into() }
    }

    pub(crate) fn openapi(path: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::OpenApi { path: path.into(), reason: reason.into() }
    }

    pub(crate) fn gpu(what: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Gpu { what: what.into(), reason: reason.into() }
    }

    /// An [`Error::Adapter`].
    pub fn adapter(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Adapter { field: field.into(), reason: reason.into() }
    }
}
