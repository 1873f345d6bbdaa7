//! The hidden states that texts end in, as the engine computes them: text by text, as many at a time as there are cores.
//! Rows are fitted on the states that they will be multiplied with.

use std::path::Path;

use rayon::prelude::*;

use super::states_cache::StatesCache;
use crate::Result;
use crate::backend::Backend;
use crate::backend::cpu::Cpu;
use crate::model::Checkpoint;
use crate::training::trainer::hidden_states::HiddenStates;

/// Texts between two reports of progress.
const ROUND: usize = 256;

/// Computes the states of `texts`, but for those that `cache` holds, where they are kept: a run that is interrupted
/// goes on from there. `progress` is told how many are done.
pub fn states_of_texts(
    checkpoint: &Checkpoint<Cpu>,
    texts: &[Vec<u32>],
    cache: Option<&Path>,
    mut progress: impl FnMut(usize),
) -> Result<HiddenStates> {
    let width = checkpoint.decoder.config.hidden;
    let mut cache = StatesCache::open(cache, checkpoint.id.to_string(), width)?;
    let missing = cache.missing(texts);
    progress(texts.len() - missing.len());
    let state = state_after_beginning(checkpoint, &missing)?;
    let mut left = missing.len();
    for round in missing.chunks(ROUND) {
        let states = round.par_iter().map(|text| state(text)).collect::<Result<Vec<_>>>()?;
        cache.add(round, states);
        left -= round.len();
        if left == 0 || cache.is_due() {
            cache.write()?;
        }
        progress(texts.len() - left);
    }
    Ok(HiddenStates { width, values: cache.of(texts) })
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
