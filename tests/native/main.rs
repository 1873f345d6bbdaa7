//! Native tests that need neither the checkpoint nor a GPU: seconds, on the tiny checkpoint.

#[path = "../common/mod.rs"]
mod common;

mod adapter;
mod apps;
mod arguments;
mod backends;
mod catalogue;
mod command_line;
mod constraint;
mod document_head;
mod evaluation;
mod fuzzed;
mod grounded;
mod grounding;
mod hostile;
mod hostile_packs;
mod indexing;
mod indexing_training;
mod kernels;
mod language;
mod layout;
mod looking;
mod openapi;
mod openapi_requests;
mod peft;
mod questions;
mod random_schemas;
mod reachable;
mod results;
mod schemas;
mod self_test;
mod sharegpt;
mod teaching;
mod tiny;
mod training;
mod writer;
