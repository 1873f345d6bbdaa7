//! Which tokens may come next.
//!
//! Tool tokens are held to the trie of tools by [`beam`] search; the arguments after them are held to the tool's
//! JSON Schema by [`arguments`], narrowed to what the question offers.

pub mod arguments;
pub mod beam;
pub mod second_look;

pub use arguments::{ArgumentConstraint, Grammar};
