//! A file for each command.

pub mod adapter;
mod baseline;
pub mod bench;
pub mod call;
pub mod catalogue;
pub mod checkpoint;
pub mod eval;
pub mod eval_indexing;
pub mod import;
pub mod pack;
pub mod results;
pub mod train;
