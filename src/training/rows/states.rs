//! The hidden states that texts end in, as the engine computes them: text by text, as many at a time as there are cores.
//! Rows are fitted on the states that they will be multiplied with.

use std::collections::HashMap;
use std::path::Path;

use rayon::prelude::*;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use sha2::{Digest, Sha256};

use crate::backend::Backend;
use crate::backend::cpu::Cpu;
use crate::model::Checkpoint;
use crate::training::trainer::hidden_states::HiddenStates;
use crate::{Error, Result};

/// Texts between two reports of progress.
const ROUND: usize = 256;

/// Computes the states of `texts`, or reads them from `cache` when it holds those of the same tokens and checkpoint.
/// `progress` is told how many are done.
pub fn states_of_texts(
    checkpoint: &Checkpoint<Cpu>,
    texts: &[Vec<u32>],
    cache: Option<&Path>,
    mut progress: impl FnMut(usize),
) -> Result<HiddenStates> {
    if let Some(path) = cache {
        refuse_other_files(path)?;
    }
    let width = checkpoint.decoder.config.hidden;
    let key = cache_key(&checkpoint.id.to_string(), texts);
    if let Some(values) = cache.and_then(|path| read(path, &key, texts.len() * width)) {
        progress(texts.len());
        return Ok(HiddenStates { width, values });
    }
    let (distinct, places) = distinct(texts);
    let state = state_after_beginning(checkpoint, &distinct)?;
    let mut states = Vec::with_capacity(distinct.len());
    for round in distinct.chunks(ROUND) {
        states.extend(round.par_iter().map(|text| state(text)).collect::<Result<Vec<_>>>()?);
        progress(states.len() * texts.len() / distinct.len());
    }
    let values: Vec<f32> = places.into_iter().flat_map(|place| &states[place]).copied().collect();
    if let Some(path) = cache {
        write(path, &key, width, &values)?;
    }
    Ok(HiddenStates { width, values })
}

/// The texts without repetitions, and where among them each text is.
fn distinct(texts: &[Vec<u32>]) -> (Vec<&[u32]>, Vec<usize>) {
    let (mut distinct, mut known) = (Vec::new(), HashMap::new());
    let place = |text| {
        *known.entry(text).or_insert_with(|| {
            distinct.push(text);
            distinct.len() - 1
        })
    };
    let places = texts.iter().map(Vec::as_slice).map(place).collect();
    (distinct, places)
}

/// Reads what all texts begin with. Returns what gives the state of one of them, after an RMSNorm without gain: `[d]`.
fn state_after_beginning(
    checkpoint: &Checkpoint<Cpu>,
    texts: &[&[u32]],
) -> Result<impl Fn(&[u32]) -> Result<Vec<f32>> + Sync> {
    let decoder = &checkpoint.decoder;
    let (longest, shared) = (texts.iter().map(|text| text.len()).max(), shared_beginning(texts));
    let mut beginning = decoder.sequence(longest.unwrap_or_default());
    if !shared.is_empty() {
        decoder.forward(shared, &mut beginning)?;
    }
    let (ones, epsilon) = (vec![1.0; decoder.config.hidden], decoder.config.rms_epsilon);
    Ok(move |text: &[u32]| {
        let x = decoder.forward(&text[shared.len()..], &mut beginning.clone())?; // [1, d]
        pollster::block_on(decoder.backend.read(&decoder.backend.rms_norm(&x, &ones, epsilon)))
    })
}

/// What all texts begin with, without the last token of any, whose state is asked for.
fn shared_beginning<'a>(texts: &[&'a [u32]]) -> &'a [u32] {
    let but_last = |text: &'a [u32]| &text[..text.len().saturating_sub(1)];
    let mut shared = texts.first().map_or(&[][..], |first| but_last(first));
    for text in texts {
        let same = shared.iter().zip(but_last(text)).take_while(|(a, b)| a == b).count();
        shared = &shared[..same];
    }
    shared
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

/// What isn't a cache is not overwritten.
fn refuse_other_files(path: &Path) -> Result<()> {
    let Ok(bytes) = std::fs::read(path) else { return Ok(()) };
    let header = SafeTensors::read_metadata(&bytes).ok();
    let metadata = header.as_ref().and_then(|(_, header)| header.metadata().as_ref());
    if metadata.is_some_and(|metadata| metadata.contains_key("key")) {
        return Ok(());
    }
    let reason = "is no cache of hidden states, so it is left as it is; name another file";
    Err(Error::io(path)(std::io::Error::new(std::io::ErrorKind::AlreadyExists, reason)))
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
