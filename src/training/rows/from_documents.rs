//! Rows of many tools from their documents, read on all cores: what
//! [`rows::from_documents`](crate::rows::from_documents) makes one by one.

use std::path::Path;

use super::states::states_of_texts;
use crate::Result;
use crate::backend::cpu::{Cpu, Tensor};
use crate::model::{Checkpoint, DocumentHead};
use crate::prompt;
use crate::tool::Tool;

/// One row for each tool, `[tools, d]`, by the checkpoint's document head. The documents' states are kept at
/// `cache`, if wished, as [`states_of_texts`] does. `progress` is told how many documents are read.
pub fn document_rows(
    checkpoint: &Checkpoint<Cpu>,
    head: &DocumentHead<Cpu>,
    tools: &[Tool],
    cache: Option<&Path>,
    progress: impl FnMut(usize),
) -> Result<Vec<f32>> {
    let (backend, config) = (&checkpoint.decoder.backend, &checkpoint.decoder.config);
    let document = |tool| prompt::document(&checkpoint.tokenizer, tool);
    let texts = tools.iter().map(document).collect::<Result<Vec<_>>>()?;
    let states = states_of_texts(checkpoint, &texts, cache, progress)?;
    let mut rows = Vec::with_capacity(states.values.len());
    for state in states.rows() {
        // Normalized already: the head's own RMSNorm leaves it as it is.
        let x = Tensor::from_rows(states.width, state.to_vec()); // [1, d]
        rows.extend(pollster::block_on(head.row(backend, &x, config.rms_epsilon))?);
    }
    Ok(rows)
}
