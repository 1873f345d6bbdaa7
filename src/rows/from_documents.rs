//! Rows of tools from their documents, one forward pass each: tools that no training has seen become
//! callable where the model runs, in a page too.

use super::from_names::initial_rows;
use crate::backend::Backend;
use crate::model::{Checkpoint, DocumentHead, ModelId};
use crate::prompt;
use crate::tool::{Tool, ToolPack};
use crate::virtualization::Special;
use crate::{Error, Result};

/// One row for each tool, `[tools, d]`, by the checkpoint's document head. `progress` is told how many are
/// done.
pub async fn document_rows<B: Backend>(
    checkpoint: &Checkpoint<B>,
    head: &DocumentHead<B>,
    tools: &[Tool],
    mut progress: impl FnMut(usize),
) -> Result<Vec<f32>> {
    let decoder = &checkpoint.decoder;
    let mut rows = Vec::with_capacity(tools.len() * decoder.config.hidden);
    for (index, tool) in tools.iter().enumerate() {
        let tokens = prompt::document(&checkpoint.tokenizer, tool)?;
        let mut sequence = decoder.sequence(tokens.len());
        let x = decoder.forward(&tokens, &mut sequence)?; // [1, d]
        rows.extend(head.row(&decoder.backend, &x, decoder.config.rms_epsilon).await?);
        progress(index + 1);
    }
    Ok(rows)
}

/// A pack of tools that have nothing but their documents, by the checkpoint's document head.
pub async fn pack_of_documents<B: Backend>(
    checkpoint: &Checkpoint<B>,
    tools: Vec<Tool>,
    progress: impl FnMut(usize),
) -> Result<ToolPack> {
    let lacks = || Error::pack("rows.quants", "the checkpoint has no document head to make rows");
    let head = checkpoint.document_head.as_ref().ok_or_else(lacks)?;
    let rows = document_rows(checkpoint, head, &tools, progress).await?;
    pack_of_rows(&checkpoint.id, head, tools, &rows)
}

/// A pack of untrained rows, the means of the tools' names' embeddings, for a checkpoint without document
/// head. `norm` is the checkpoint's output norm; special tokens have rows of zeros.
pub async fn pack_of_names<B: Backend>(
    checkpoint: &Checkpoint<B>,
    tools: Vec<Tool>,
    norm: Vec<f32>,
) -> Result<ToolPack> {
    let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
    let rows = initial_rows(checkpoint, &names).await?;
    let special_rows = vec![0.0; Special::COUNT * checkpoint.decoder.config.hidden];
    ToolPack::atomic(&checkpoint.id, tools, &rows, &special_rows, norm)
}

/// A pack of tools with the `rows`, `[tools, d]`, that the head made of their documents.
pub fn pack_of_rows<B: Backend>(
    model: &ModelId,
    head: &DocumentHead<B>,
    tools: Vec<Tool>,
    rows: &[f32],
) -> Result<ToolPack> {
    ToolPack::atomic(model, tools, rows, &head.special_rows, head.norm.clone())
}
