//! Every kernel of a backend against the oracle, one at a time, and how fast each is.
//!
//! [`self_check`] only asks whether a device may be trusted; this says which kernel is wrong,
//! by how much, and what it costs, in the shapes of SmolLM2-135M and in a few odd ones.

mod case;
mod check;
mod fingerprint;
mod prepared;
mod synthetic;

pub use case::{Case, cases};
pub use check::self_check;
pub use fingerprint::fingerprint;

use serde::Serialize;

use crate::Result;
use crate::backend::reference::Reference;
use crate::backend::{Backend, TopK};
use case::{RANKS, VOCABULARY};
use prepared::Prepared;
use synthetic::largest_difference;

/// What a kernel did.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// Its verb in [`Backend`].
    pub kernel: &'static str,
    /// What it was run on.
    pub shape: String,
    /// Whether `error` is within `tolerance`.
    pub ok: bool,
    /// The largest difference from the oracle, in parts of the oracle's largest number.
    pub error: f32,
    /// The largest error that rounding may explain.
    pub tolerance: f32,
    /// Milliseconds of one run among many; none for a kernel that is wrong.
    pub milliseconds: Option<f64>,
    /// Weights read, in GB/s, where reading them is the work. Small ones may come from a cache.
    pub gb_per_s: Option<f64>,
}

impl Case {
    /// Compares `backend` with the oracle, and measures it if it is right. `now` is a clock in milliseconds.
    ///
    /// # Errors
    /// Whatever the backend fails with; a wrong result is no error.
    pub async fn run<B: Backend>(&self, backend: &B, now: impl Fn() -> f64) -> Result<Outcome> {
        let mut ours = Prepared::new(self, backend)?;
        let error = self.error(&mut ours).await?;
        let tolerance = self.verb.tolerance();
        let ok = error <= tolerance;
        let milliseconds = if ok { Some(ours.measure(now).await?) } else { None };
        let gb_per_s = self.weight_bytes().zip(milliseconds);
        let gb_per_s = gb_per_s.map(|(bytes, ms)| bytes as f64 / ms / 1e6);
        Ok(Outcome {
            kernel: self.kernel(),
            shape: self.shape(),
            ok,
            error,
            tolerance,
            milliseconds,
            gb_per_s: gb_per_s.filter(|rate| rate.is_finite()),
        })
    }

    /// The largest difference from the oracle, in parts of its largest number.
    async fn error<B: Backend>(&self, ours: &mut Prepared<'_, B>) -> Result<f32> {
        let mut oracle = Prepared::new(self, &Reference)?;
        let (found, expected) = match (ours.top_k(RANKS).await?, oracle.top_k(VOCABULARY).await?) {
            (Some(found), Some(all)) => ranks(&found, &all),
            _ => (ours.numbers().await?, oracle.numbers().await?),
        };
        let largest = expected.iter().fold(f32::MIN_POSITIVE, |max, x| max.max(x.abs()));
        Ok(largest_difference(&found, &expected) / largest)
    }
}

/// What is to be compared of the best rows: logits by rank, each logit with its own row's (ranks may swap within
/// the tolerance), and the normaliser. A row that is not among `all` is compared with no number.
fn ranks(found: &TopK, all: &TopK) -> (Vec<f32>, Vec<f32>) {
    let logits = || found.best.iter().map(|row| row.logit);
    let own = found.best.iter().map(|row| {
        all.best.iter().find(|other| other.id == row.id).map_or(f32::NAN, |row| row.logit)
    });
    let by_rank = all.best.iter().take(RANKS).map(|row| row.logit);
    (
        logits().chain(logits()).chain([found.log_sum_exp]).collect(),
        by_rank.chain(own).chain([all.log_sum_exp]).collect(),
    )
}
