//! Rows of known tools: [`fit`] finds one row a tool on the hidden states of questions ([`states`]), beginning at its
//! document's ([`from_documents`]), and [`calibration`] makes their probabilities honest; [`pack`] holds them.

pub mod calibration;
pub mod fit;
pub mod from_documents;
pub mod pack;
pub mod states;
mod states_cache;
