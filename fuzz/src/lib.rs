//! What is done with bytes from elsewhere, one function a fuzz target: each must end, without a panic, and hold what it
//! asserts. `tests/native/fuzzed.rs` includes this folder, and does the same with the committed inputs on each test run.

pub mod files;
pub mod texts;
mod tiny;

/// A fuzz target.
pub type Target = fn(&[u8]);

/// All targets, by the names of their programs and of their folders in `corpus`.
pub const TARGETS: [(&str, Target); 7] = [
    ("gguf", files::gguf),
    ("pack", files::pack),
    ("adapter", files::adapter),
    ("openapi", texts::openapi),
    ("schema", texts::schema),
    ("grounding", texts::grounding),
    ("messages", texts::messages),
];
