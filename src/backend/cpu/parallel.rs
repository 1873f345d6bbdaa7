//! Splitting independent work over threads, where there are threads.

/// Multiplications below which waking another thread costs more than it saves.
#[cfg(not(target_arch = "wasm32"))]
const WORTHWHILE: usize = 4 << 20;

/// Calls `call(index, chunk)` for each chunk of `out`, in any order; `work` estimates how many
/// multiplications that is in all.
#[cfg(not(target_arch = "wasm32"))]
pub fn for_each_chunk(
    out: &mut [f32],
    chunk: usize,
    work: usize,
    call: impl Fn(usize, &mut [f32]) + Sync,
) {
    use rayon::prelude::*;
    if work < WORTHWHILE {
        out.chunks_mut(chunk).enumerate().for_each(|(index, chunk)| call(index, chunk));
    } else {
        out.par_chunks_mut(chunk).enumerate().for_each(|(index, chunk)| call(index, chunk));
    }
}

/// Calls `call(index, chunk)` for each chunk of `out`, in order: a page has one thread.
#[cfg(target_arch = "wasm32")]
pub fn for_each_chunk(
    out: &mut [f32],
    chunk: usize,
    _work: usize,
    call: impl Fn(usize, &mut [f32]),
) {
    out.chunks_mut(chunk).enumerate().for_each(|(index, chunk)| call(index, chunk));
}
