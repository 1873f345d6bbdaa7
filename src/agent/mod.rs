//! Question → tool token → arguments → call.
//!
//! An [`Engine`] holds a checkpoint and a tool pack. Asking it gives a [`Stream`], which does one
//! unit of work a [`Stream::next`] and says what came of it as an [`Event`]: so a page's worker
//! can look at its messages in between, and dropping the stream is all that cancelling takes.

mod engine;
mod event;
pub mod prompt;
mod stream;

pub use engine::{Engine, LoadedPack};
pub use event::{Event, ToolCall};
pub use stream::Stream;
