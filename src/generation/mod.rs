//! Which tokens may come next.
//!
//! Tool tokens are held to the trie of tools by [`beam`] search; the arguments after them are held to the tool's
//! JSON Schema by [`arguments`], narrowed to what the question offers by [`grounding`].

pub mod arguments;
pub mod beam;
mod dates;
pub mod grounding;
mod number_words;

pub use arguments::{ArgumentConstraint, Grammar};
pub use dates::dates;
pub use grounding::Grounding;
pub use number_words::number_words;
