//! Hidden states of texts, computed in packed batches.

use candle_core::{Device, Tensor};

use crate::Result;
use crate::backend::Backend;
use crate::model::Checkpoint;
use crate::training::autograd::{Autograd, Packed, failed};

/// Tokens that go through the decoder at once.
const BATCH: usize = 4096;

/// The states that texts end in, after an RMSNorm without gain: `[n, d]`.
pub struct HiddenStates {
    /// Width of a state.
    pub width: usize,
    /// `n` rows.
    pub values: Vec<f32>,
}

impl HiddenStates {
    /// Computes the states of `texts` by a checkpoint in training. `progress` is told how many are done.
    pub fn compute(
        checkpoint: &Checkpoint<Autograd>,
        texts: &[Vec<u32>],
        mut progress: impl FnMut(usize),
    ) -> Result<Self> {
        let width = checkpoint.decoder.config.hidden;
        let ones = checkpoint.decoder.backend.upload_vector(vec![1.0; width])?;
        let mut values = Vec::with_capacity(texts.len() * width);
        let mut rest = texts;
        while !rest.is_empty() {
            let (batch, after) = split_batch(rest, Vec::len);
            let states = final_states(checkpoint, &ones, batch)?;
            values.extend(states.flatten_all().and_then(|x| x.to_vec1::<f32>()).map_err(failed)?);
            rest = after;
            progress(texts.len() - rest.len());
        }
        Ok(Self { width, values })
    }

    /// The states, one a row.
    pub fn rows(&self) -> impl Iterator<Item = &[f32]> {
        self.values.chunks_exact(self.width)
    }
}

/// The first of `items` whose tokens fit one batch, at least one of them, and the others.
pub fn split_batch<T>(items: &[T], tokens: impl Fn(&T) -> usize) -> (&[T], &[T]) {
    let mut sum = 0;
    let fits = |item: &&T| {
        sum += tokens(item);
        sum <= BATCH
    };
    items.split_at(items.iter().take_while(fits).count().max(1))
}

/// The states that `texts` end in, after an RMSNorm with the gain `ones`: `[texts, d]`, with their graph.
pub fn final_states(
    checkpoint: &Checkpoint<Autograd>,
    ones: &Tensor,
    texts: &[Vec<u32>],
) -> Result<Tensor> {
    let mut packed = Packed::new(texts.iter().map(Vec::len));
    let x = checkpoint.decoder.residual_stream(&texts.concat(), &mut packed)?; // [n, d]
    let x = rows_at(&x, packed.last_tokens())?; // [texts, d]
    Ok(checkpoint.decoder.backend.rms_norm(&x, ones, checkpoint.decoder.config.rms_epsilon))
}

/// Some rows of `x`, `[n, d]`: `[indices, d]`.
pub fn rows_at(x: &Tensor, indices: Vec<u32>) -> Result<Tensor> {
    let count = indices.len();
    let indices = Tensor::from_vec(indices, count, &Device::Cpu).map_err(failed)?;
    x.index_select(&indices, 0).map_err(failed)
}
