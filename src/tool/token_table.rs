//! The part of a tool pack that says how a tool is several tokens: `sequences` and `embeddings`.

use safetensors::tensor::Dtype;

use crate::model::tensor_file::{TensorFile, TensorFileWriter};
use crate::virtualization::TokenTable;
use crate::{Error, Result};

/// Stands where a sequence has no more tokens.
const NO_TOKEN: u32 = u32::MAX;
/// The longest sequence that is believed.
const MAX_SEQUENCE: usize = 128;

/// Adds a table to a pack's file.
pub(super) fn write(table: &TokenTable, file: &mut TensorFileWriter) {
    let longest = table.sequences().iter().map(Vec::len).max().unwrap_or(0);
    let padded = |sequence: &Vec<u32>| {
        let filler = std::iter::repeat_n(NO_TOKEN, longest - sequence.len());
        sequence.iter().copied().chain(filler).collect::<Vec<_>>()
    };
    let tokens = table.sequences().iter().flat_map(padded).flat_map(u32::to_le_bytes).collect();
    file.bytes("sequences", Dtype::U32, &[table.sequences().len(), longest], tokens);
    file.matrix("embeddings", table.embeddings());
}

/// Reads the table of `tools` tools for rows of width `width`; nothing is believed before it is checked.
pub(super) fn read(file: &TensorFile<'_>, tools: usize, width: usize) -> Result<TokenTable> {
    let embeddings = file.matrix("embeddings")?;
    if embeddings.columns != width {
        let reason = format!("are {} wide beside rows of {width}", embeddings.columns);
        return Err(Error::pack("embeddings.quants", reason));
    }
    let shape = file.shape("sequences")?;
    let &[_, longest @ 1..=MAX_SEQUENCE] = &shape[..] else {
        return Err(Error::pack("sequences", format!("has the shape {shape:?}")));
    };
    let tokens = file.bytes("sequences", Dtype::U32, &[tools, longest])?.as_chunks().0;
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
