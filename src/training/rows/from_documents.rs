//! Rows of many tools from their documents, read in packed batches: what
//! [`rows::from_documents`](crate::rows::from_documents) makes one by one.

use std::path::Path;

use candle_core::{Device, Tensor};

use crate::Result;
use crate::model::{Checkpoint, DocumentHead};
use crate::prompt;
use crate::tool::Tool;
use crate::training::autograd::{Autograd, failed};
use crate::training::trainer::hidden_states::HiddenStates;

/// One row for each tool, `[tools, d]`, by the checkpoint's document head. The documents' states are kept at
/// `cache`, if wished, as [`HiddenStates::compute`] does. `progress` is told how many documents are read.
pub fn document_rows(
    checkpoint: &Checkpoint<Autograd>,
    head: &DocumentHead<Autograd>,
    tools: &[Tool],
    cache: Option<&Path>,
    progress: impl FnMut(usize),
) -> Result<Vec<f32>> {
    let (backend, config) = (&checkpoint.decoder.backend, &checkpoint.decoder.config);
    let document = |tool| prompt::document(&checkpoint.tokenizer, tool);
    let texts = tools.iter().map(document).collect::<Result<Vec<_>>>()?;
    let states = HiddenStates::compute(checkpoint, &texts, cache, progress)?;
    let mut rows = Vec::with_capacity(states.values.len());
    for state in states.rows() {
        // Normalized already: the head's own RMSNorm leaves it as it is.
        let x = Tensor::from_slice(state, (1, states.width), &Device::Cpu).map_err(failed)?;
        rows.extend(pollster::block_on(head.row(backend, &x, config.rms_epsilon))?);
    }
    Ok(rows)
}
