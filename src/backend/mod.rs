//! Where the arithmetic happens: one contract, a room for each implementation.
//!
//! [`Backend`] has the few verbs that a decoder's forward pass is made of. [`mod@reference`] is naive
//! and obviously right, the oracle of the tests; [`cpu`] is the one that runs everywhere, and `wgpu`
//! (feature `webgpu`) runs on GPUs. A backend may compute at once or record and compute when something is
//! read: only [`Backend::top_k`] and [`Backend::read`] wait, because a browser's GPU answers asynchronously.

mod contract;
pub mod cpu;
mod exp;
pub mod reference;
mod top_k;
#[cfg(feature = "webgpu")]
pub mod wgpu;

pub use contract::{Backend, LowRank, Sequence};
pub use top_k::{BitMask, Scored, TopK, select_top_k};
