//! The tool tokens' own table, where a tool is a sequence of several.

use super::check_sequences;
use crate::gguf::QuantizedMatrix;
use crate::{Error, Result};

/// What an indexing other than the atomic one needs beside rows: sequences, and what the decoder reads
/// when a tool token has been generated.
#[derive(Clone, Debug)]
pub struct TokenTable {
    sequences: Vec<Vec<u32>>,
    embeddings: QuantizedMatrix,
}

impl TokenTable {
    /// A table of the `sequences` of all tools and of `embeddings`, `[tool tokens, d]`. Fails when a
    /// sequence is empty, uses a token without an embedding, or begins another.
    pub fn new(sequences: Vec<Vec<u32>>, embeddings: QuantizedMatrix) -> Result<Self> {
        check_sequences(embeddings.rows, &sequences)?;
        if sequences.is_empty() {
            return Err(Error::pack("sequences", "are none"));
        }
        Ok(Self { sequences, embeddings })
    }

    /// The sequence of each tool.
    pub fn sequences(&self) -> &[Vec<u32>] {
        &self.sequences
    }

    /// The input embeddings, `[tool tokens, d]`.
    pub fn embeddings(&self) -> &QuantizedMatrix {
        &self.embeddings
    }

    /// Tool tokens.
    pub fn tool_tokens(&self) -> usize {
        self.embeddings.rows
    }
}
