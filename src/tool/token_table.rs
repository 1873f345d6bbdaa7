//! The part of a tool pack that says how a tool is several tokens: `sequences` and `embeddings`.

use safetensors::tensor::{Dtype, SafeTensors};

use super::q8_tensors::{read_matrix, split_blocks, tensor};
use crate::virtualization::TokenTable;
use crate::{Error, Result};

/// Stands where a sequence has no more tokens.
const NO_TOKEN: u32 = u32::MAX;
/// The longest sequence that is believed.
const MAX_SEQUENCE: usize = 128;

/// A tensor's name, type, shape and bytes.
type Part<'a> = (&'static str, Dtype, Vec<usize>, &'a [u8]);

/// A table's bytes as the file holds them.
pub(super) struct Parts {
    sequences: Vec<u8>,
    quants: Vec<u8>,
    scales: Vec<u8>,
    tools: usize,
    longest: usize,
    /// Tool tokens, and blocks in each of their embeddings.
    tokens: usize,
    width: usize,
}

impl Parts {
    /// Lays a table out.
    pub fn of(table: &TokenTable) -> Self {
        let longest = table.sequences().iter().map(Vec::len).max().unwrap_or(0);
        let padded = |sequence: &Vec<u32>| {
            let filler = std::iter::repeat_n(NO_TOKEN, longest - sequence.len());
            sequence.iter().copied().chain(filler).collect::<Vec<_>>()
        };
        let tokens = table.sequences().iter().flat_map(padded);
        let (quants, scales) = split_blocks(table.embeddings());
        Self {
            sequences: tokens.flat_map(u32::to_le_bytes).collect(),
            quants,
            scales,
            tools: table.sequences().len(),
            longest,
            tokens: table.tool_tokens(),
            width: table.embeddings().columns,
        }
    }

    /// The tensors.
    pub fn tensors(&self) -> [Part<'_>; 3] {
        let blocks = self.width / crate::gguf::BLOCK;
        [
            ("sequences", Dtype::U32, vec![self.tools, self.longest], &self.sequences),
            ("embeddings.quants", Dtype::I8, vec![self.tokens, self.width], &self.quants),
            ("embeddings.scales", Dtype::F16, vec![self.tokens, blocks], &self.scales),
        ]
    }
}

/// Reads the table of `tools` tools for rows of width `width`; nothing is believed before it is checked.
pub(super) fn read(file: &SafeTensors<'_>, tools: usize, width: usize) -> Result<TokenTable> {
    let embeddings = read_matrix(file, "embeddings")?;
    if embeddings.columns != width {
        let reason = format!("are {} wide beside rows of {width}", embeddings.columns);
        return Err(Error::pack("embeddings.quants", reason));
    }
    let view = file.tensor("sequences").map_err(|_| Error::pack("sequences", "is missing"))?;
    let &[_, longest @ 1..=MAX_SEQUENCE] = view.shape() else {
        return Err(Error::pack("sequences", format!("has the shape {:?}", view.shape())));
    };
    let tokens = tensor(file, "sequences", Dtype::U32, &[tools, longest])?.as_chunks().0;
    let sequences = tokens.chunks_exact(longest).map(|tokens| {
        let tokens: Vec<u32> = tokens.iter().map(|&token| u32::from_le_bytes(token)).collect();
        let len = tokens.iter().position(|&token| token == NO_TOKEN).unwrap_or(longest);
        // A token behind the end is no tool token, so it is refused with the sequence.
        if tokens[len..].iter().all(|&token| token == NO_TOKEN) {
            tokens[..len].to_vec()
        } else {
            tokens
        }
    });
    TokenTable::new(sequences.collect(), embeddings)
}
