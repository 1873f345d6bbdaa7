//! Training, native only.
//!
//! [`states`] computes what the frozen model makes of each question; [`retrieval`] fits tool rows
//! on these; [`split`] says which tools they must never see.

pub mod retrieval;
pub mod split;
pub mod states;
