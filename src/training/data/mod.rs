//! What training reads.
//!
//! [`catalogue`] expands our own tools' questions, [`mixture`] reads data sets and [`joined`] makes one question of two, [`hold_out`] says which tools
//! training never sees, and [`written_arguments`] walks labelled arguments through the grammar; an [`imagined_answer`] follows them. [`sharegpt`] writes
//! the examples for training with PyTorch.

pub mod catalogue;
pub mod hold_out;
pub mod imagined_answer;
pub mod joined;
pub mod mixture;
pub mod sharegpt;
pub mod written_arguments;
