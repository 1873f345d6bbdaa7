//! Question → tool token → arguments → call.
//!
//! An [`Engine`] holds a checkpoint and a tool pack. Asking it gives a [`Stream`], which does one
//! unit of work a [`Stream::next`] and says what came of it as an [`Event`]: so a page's worker
//! can look at its messages in between, and dropping the stream is all that cancelling takes.
//!
//! A call can be carried out and its result read, and so on: [`step`](mod@step) decides what happens next.

mod engine;
mod event;
mod run;
pub mod step;
mod stream;
mod toolbox;

pub use engine::{Engine, LoadedPack};
pub use event::Event;
pub use step::{End, Reason, Reply};
pub use stream::Stream;
pub use toolbox::{RowMaker, Similar};
