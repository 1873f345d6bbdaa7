//! Splitting independent work over threads, where there are threads.

/// Calls `work(index, chunk)` for each chunk of `out`, in any order.
#[cfg(not(target_arch = "wasm32"))]
pub fn for_each_chunk(out: &mut [f32], chunk: usize, work: impl Fn(usize, &mut [f32]) + Sync) {
    use rayon::prelude::*;
    out.par_chunks_mut(chunk).enumerate().for_each(|(index, chunk)| work(index, chunk));
}

/// Calls `work(index, chunk)` for each chunk of `out`, in order: a page has one thread.
#[cfg(target_arch = "wasm32")]
pub fn for_each_chunk(out: &mut [f32], chunk: usize, work: impl Fn(usize, &mut [f32])) {
    out.chunks_mut(chunk).enumerate().for_each(|(index, chunk)| work(index, chunk));
}
