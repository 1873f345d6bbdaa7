//! Tests of the WebGPU backend on the tiny checkpoint; they need a Vulkan driver, a software one too.

#[path = "../common/mod.rs"]
mod common;

mod backends;
mod device;
mod self_test;
