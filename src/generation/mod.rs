//! Which tokens may come next.
//!
//! The tool token is held to the trie of tools by [`retrieval`](crate::retrieval); the arguments
//! after it are held to the tool's JSON Schema by [`arguments`].

pub mod arguments;

pub use arguments::{ArgumentConstraint, Grammar};
