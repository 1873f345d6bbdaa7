//! Training, native only.
//!
//! [`states`] computes what the frozen model makes of each question; [`retrieval`] fits tool rows
//! on these.

pub mod retrieval;
pub mod states;
