//! Tools' rows: what a tool token is scored with.
//!
//! [`from_names`] gives new tokens their first rows, [`from_documents`] those that a trained model makes of
//! tools' documents, and [`at_run_time`] changes the rows of a pack while a page runs.

pub mod at_run_time;
pub mod from_documents;
pub mod from_names;
