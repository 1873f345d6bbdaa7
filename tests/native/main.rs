//! Native tests that need neither the checkpoint nor a GPU: seconds, on the tiny checkpoint.

#[path = "../common/mod.rs"]
mod common;

mod adapter;
mod apps;
mod arguments;
mod backends;
mod catalogue;
mod document_head;
mod evaluation;
mod grounding;
mod hostile;
mod indexing;
mod indexing_training;
mod kernels;
mod language;
mod layout;
mod openapi;
mod peft;
mod questions;
mod results;
mod self_test;
mod sharegpt;
mod tiny;
mod training;
