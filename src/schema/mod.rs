//! JSON Schemas, and what of them arguments can be generated under.
//!
//! `keywords` says what the argument grammar holds; [`narrow()`] restricts a schema from elsewhere to that,
//! and [`bounds`] gives every text and list an end. Both only ever narrow: what satisfies the result
//! satisfies the original. [`Grounding`] narrows once more, to the values that a question offers:
//! its spans, [`numbers`](number_words()) and [times](crate::time). What is required and wasn't said is
//! [`not_said`].

mod alternatives;
pub mod bounds;
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

pub use alternatives::alternatives;
pub use flattened::flattened;
pub use form::takes_times;
pub use grounding::Grounding;
pub use narrow::{Narrower, narrow};
pub use number_words::number_words;
pub use references::{References, Unsupported};
