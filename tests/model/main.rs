//! Tests on the real checkpoint (`cargo xtask fetch`); those of WebGPU need a Vulkan driver too.

#[path = "../common/mod.rs"]
mod common;

mod directory;
mod embedding;
mod engine;
mod greedy;
mod prompts;
mod registry;
mod run;
mod teacher_forcing;
mod webgpu;
