//! Training, native only: the three stages of ToolGen on the decoder that the browser runs.
//!
//! In the order of the data: [`catalogue`] expands our own tools' questions, [`mixture`] reads data sets and
//! [`split`] says which tools training never sees. [`autograd`] is the training backend with the bfloat16
//! products of `gemm`; [`adapter`] and [`memorization_head`] are what is trained, by the [`optimizer`].
//! The [`trainer`] runs a stage: [`memorization`] and [`retrieval_training`], which share the loss in
//! [`contrast`], and [`agent_tuning`], whose arguments are [`written_arguments`]. Then [`retrieval`] fits one row
//! a tool on the [`states`] of questions, beginning at its document's ([`document_rows`]), and [`calibration`]
//! makes their probabilities honest. [`forced`] judges what was trained before it is quantized. Beside them,
//! [`indexing_training`] trains the [`tool_tokens`] of any indexing, to compare the four.
//!
//! What was trained leaves in two ways: [`peft`] writes and reads adapters as PyTorch does ([`stacking`],
//! [`projection`]), and [`merge`] adds them to the checkpoint that ships. [`sharegpt`] writes the examples for
//! training with PyTorch.

pub mod adapter;
pub mod agent_tuning;
pub mod autograd;
pub mod calibration;
pub mod catalogue;
pub mod contrast;
pub mod document_rows;
pub mod forced;
mod gemm;
pub mod indexing_training;
pub mod memorization;
pub mod memorization_head;
pub mod merge;
pub mod mixture;
pub mod optimizer;
pub mod peft;
pub mod peft_config;
pub mod projection;
pub mod retrieval;
pub mod retrieval_training;
pub mod sharegpt;
pub mod split;
pub mod stacking;
pub mod states;
pub mod tool_tokens;
pub mod trainer;
pub mod written_arguments;
