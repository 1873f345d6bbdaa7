//! Which tokens may come next.
//!
//! The tool token is held to the trie of tools by [`retrieval`](crate::retrieval); the arguments
//! after it are held to the tool's JSON Schema by [`arguments`], narrowed to what the question offers by
//! [`grounding`].

pub mod arguments;
pub mod grounding;

pub use arguments::{ArgumentConstraint, Grammar};
pub use grounding::Grounding;
