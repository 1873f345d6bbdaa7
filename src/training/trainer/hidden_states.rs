//! Hidden states of texts, computed in packed batches and, if wished, kept on disk.

use std::collections::HashMap;
use std::path::Path;

use candle_core::{Device, Tensor};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use sha2::{Digest, Sha256};

use crate::backend::Backend;
use crate::model::Checkpoint;
use crate::training::autograd::{Autograd, Packed, failed};
use crate::{Error, Result};

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
    /// Computes the states of `texts`, or reads them from `cache` when it holds those of the same tokens and
    /// checkpoint. `progress` is told how many are done.
    pub fn compute(
        checkpoint: &Checkpoint<Autograd>,
        texts: &[Vec<u32>],
        cache: Option<&Path>,
        mut progress: impl FnMut(usize),
    ) -> Result<Self> {
        let width = checkpoint.decoder.config.hidden;
        let key = cache_key(&checkpoint.id.to_string(), texts);
        if let Some(values) = cache.and_then(|path| read(path, &key, texts.len() * width)) {
            progress(texts.len());
            return Ok(Self { width, values });
        }
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
        if let Some(path) = cache {
            write(path, &key, width, &values)?;
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

fn cache_key(model: &str, texts: &[Vec<u32>]) -> String {
    let mut hash = Sha256::new();
    hash.update(model);
    for text in texts {
        hash.update(text.len().to_le_bytes());
        text.iter().for_each(|token| hash.update(token.to_le_bytes()));
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A cache that is missing, stale or broken is computed again.
fn read(path: &Path, key: &str, len: usize) -> Option<Vec<f32>> {
    let bytes = std::fs::read(path).ok()?;
    let (_, header) = SafeTensors::read_metadata(&bytes).ok()?;
    let file = SafeTensors::deserialize(&bytes).ok()?;
    let states = file.tensor("states").ok()?;
    let fresh = header.metadata().as_ref()?.get("key")? == key && states.data().len() == len * 4;
    fresh.then(|| states.data().as_chunks().0.iter().map(|&x| f32::from_le_bytes(x)).collect())
}

fn write(path: &Path, key: &str, width: usize, values: &[f32]) -> Result<()> {
    let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
    let failed = |error: safetensors::SafeTensorError| Error::Training(error.to_string());
    let states =
        TensorView::new(Dtype::F32, vec![values.len() / width, width], &bytes).map_err(failed)?;
    let metadata = HashMap::from([("key".to_owned(), key.to_owned())]);
    let file = safetensors::serialize([("states", states)], Some(metadata)).map_err(failed)?;
    let io = Error::io(path);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(io)?;
    }
    std::fs::write(path, file).map_err(io)
}
