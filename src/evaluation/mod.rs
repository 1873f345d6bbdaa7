//! Judging as in the paper (ToolGen, sections 4 and 5).
//!
//! [`metrics`] are the formulas; [`judge`] runs an engine over a data set, [`indexing`] a trained
//! indexing; [`bm25`] is the retriever without a model that it is compared with.

pub mod bm25;
pub mod indexing;
pub mod judge;
pub mod metrics;
