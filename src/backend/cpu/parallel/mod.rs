//! Splitting independent work over threads, where there are threads: natively rayon's, in a page that is isolated
//! from others (COOP and COEP) workers over shared memory, else none.

#[cfg(any(test, all(target_arch = "wasm32", target_feature = "atomics")))]
mod pool;

/// The threads of a page.
#[cfg(all(target_arch = "wasm32", target_feature = "atomics"))]
pub static POOL: pool::Pool = pool::Pool::new();

/// Multiplications below which waking another thread costs more than it saves.
#[cfg(not(target_arch = "wasm32"))]
const WORTHWHILE: usize = 4 << 20;
/// The helpers of a page are awake.
#[cfg(all(target_arch = "wasm32", target_feature = "atomics"))]
const WORTHWHILE: usize = 1 << 17;

/// Calls `call(index, chunk)` for each chunk of `out`, in any order; `work` estimates how many
/// multiplications that is in all.
pub fn for_each_chunk(
    out: &mut [f32],
    chunk: usize,
    work: usize,
    call: impl Fn(usize, &mut [f32]) + Sync,
) {
    #[cfg(not(target_arch = "wasm32"))]
    if work >= WORTHWHILE {
        use rayon::prelude::*;
        return out.par_chunks_mut(chunk).enumerate().for_each(|(index, chunk)| call(index, chunk));
    }
    #[cfg(all(target_arch = "wasm32", target_feature = "atomics"))]
    if work >= WORTHWHILE {
        return share(out, chunk, call);
    }
    let _ = work;
    out.chunks_mut(chunk).enumerate().for_each(|(index, chunk)| call(index, chunk));
}

#[cfg(all(target_arch = "wasm32", target_feature = "atomics"))]
fn share(out: &mut [f32], chunk: usize, call: impl Fn(usize, &mut [f32]) + Sync) {
    use std::sync::atomic::{AtomicPtr, Ordering};
    let (len, start) = (out.len(), AtomicPtr::new(out.as_mut_ptr()));
    POOL.run(len.div_ceil(chunk), &|index| {
        let at = index * chunk;
        // SAFETY: each index is called once, chunks don't overlap, and `out` is borrowed until all are done.
        let out = unsafe {
            let start = start.load(Ordering::Relaxed).add(at);
            std::slice::from_raw_parts_mut(start, chunk.min(len - at))
        };
        call(index, out);
    });
}
