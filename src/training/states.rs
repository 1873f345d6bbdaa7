//! Hidden states of questions, computed once and kept on disk.

use std::collections::HashMap;
use std::path::Path;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use sha2::{Digest, Sha256};

use crate::agent::prompt;
use crate::backend::Backend;
use crate::model::Checkpoint;
use crate::{Error, Result};

/// The state that a question's prompt ends in, after the final norm, for each question: `[n, d]`.
pub struct HiddenStates {
    /// Width of a state.
    pub width: usize,
    /// `n` rows.
    pub values: Vec<f32>,
}

impl HiddenStates {
    /// Computes the states of `questions`, or reads them from `cache` when it holds those of the same
    /// questions and checkpoint. `progress` is told how many are done.
    pub async fn compute<B: Backend>(
        checkpoint: &Checkpoint<B>,
        questions: &[&str],
        cache: Option<&Path>,
        mut progress: impl FnMut(usize),
    ) -> Result<Self> {
        let width = checkpoint.decoder.config.hidden;
        let key = cache_key(&checkpoint.sha256, questions);
        if let Some(values) = cache.and_then(|path| read(path, &key, questions.len() * width)) {
            progress(questions.len());
            return Ok(Self { width, values });
        }
        let mut values = Vec::with_capacity(questions.len() * width);
        for (index, question) in questions.iter().enumerate() {
            let tokens = prompt::question(&checkpoint.tokenizer, question)?;
            let mut sequence = checkpoint.decoder.sequence(tokens.len());
            let x = checkpoint.decoder.forward(&tokens, &mut sequence)?;
            values.extend(checkpoint.decoder.hidden_state(&x).await?);
            progress(index + 1);
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

fn cache_key(checkpoint: &str, questions: &[&str]) -> String {
    let mut hash = Sha256::new();
    hash.update(checkpoint);
    for question in questions {
        hash.update(question.len().to_le_bytes());
        hash.update(question);
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
    let failed = |error: safetensors::SafeTensorError| Error::Backend(error.to_string());
    let states =
        TensorView::new(Dtype::F32, vec![values.len() / width, width], &bytes).map_err(failed)?;
    let metadata = HashMap::from([("key".to_owned(), key.to_owned())]);
    let file = safetensors::serialize([("states", states)], Some(metadata)).map_err(failed)?;
    let io = |source| Error::Io { path: path.into(), source };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(io)?;
    }
    std::fs::write(path, file).map_err(io)
}
