//! JSON Schemas, and what of them arguments can be generated under.
//!
//! A place of a schema is first gathered: its `$ref`, `allOf` and conditions become keywords that all hold
//! and alternatives of which one does. [`flattened()`] writes a whole schema so, with the same meaning; [`narrow()`]
//! restricts one from elsewhere to what the argument grammar holds, and [`bounds`] gives every text and list an end.
//! The last two only ever narrow: what satisfies the result satisfies the original. [`Grounding`] narrows once more,
//! to the values that a question offers: its spans, [numbers](number_words()) and [times](crate::time). What is
//! required and wasn't said is [`not_said`].

mod alternatives;
pub mod bounds;
mod codes;
mod conditions;
pub mod digits;
mod flattened;
mod form;
mod gathered;
mod grounding;
mod intersect;
mod narrow;
pub mod not_said;
mod number_words;
mod references;
mod scalar;
mod written_form;

pub use alternatives::alternatives;
pub use flattened::flattened;
pub use form::takes_times;
pub use grounding::Grounding;
pub use narrow::{Narrower, narrow};
pub use number_words::number_words;
pub use references::{References, Unsupported};
