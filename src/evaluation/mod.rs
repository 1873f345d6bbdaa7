//! Judging as in the paper (ToolGen, sections 4 and 5).
//!
//! A method answers each question with a [`Prediction`]; a [`Tally`] turns predictions into a
//! [`Report`] by the formulas in [`metrics`]; [`evaluate`] runs the model or one of the [`baselines`]
//! over a data set, [`teacher_forcing`] whole batches before a model is quantized, [`indexing`] a trained
//! indexing; [`apps`] judges on tools of strangers, [`visitors`] on
//! what people type into the demo. [`record`] keeps reports on disk, and [`results`] writes the page that compares them.

pub mod apps;
pub mod baselines;
pub mod evaluate;
pub mod indexing;
pub mod metrics;
mod prediction;
pub mod record;
mod report;
pub mod results;
mod tally;
pub mod teacher_forcing;
pub mod visitors;

pub use prediction::Prediction;
pub use report::{AbstentionReport, CallReport, Latency, RankingReport, Report};
pub use tally::Tally;
