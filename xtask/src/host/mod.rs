//! This machine: its programs and drivers, the project's folders, and what earlier runs left there.

pub mod apt;
pub mod browser;
pub mod node;
pub mod progress;
pub mod project;
pub mod shell;
pub mod stamp;
pub mod vulkan;
