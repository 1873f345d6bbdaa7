//! Question → tool token → arguments → call.
//!
//! An [`Engine`] holds a checkpoint and a tool pack. Asking it gives a [`Stream`], which does one
//! unit of work a [`Stream::next`] and says what came of it as an [`Event`]: so a page's worker
//! can look at its messages in between, and dropping the stream is all that cancelling takes.
//!
//! A call can be carried out and its result read, and so on: [`step`](mod@step) decides what happens next.

mod answers;
mod context;
#[cfg(test)]
mod contract;
mod end;
mod engine;
mod event;
mod lessons;
mod loaded;
mod look;
mod reader;
mod registry;
mod reply;
pub mod step;
mod stream;
mod sure;
mod written;

pub use engine::Engine;
pub use event::{Abstained, Alternative, ArgumentToken, Event};
pub use lessons::Taught;
pub use loaded::LoadedPack;
pub use registry::{RowMaker, Similar};
pub use reply::Reply;
pub use step::{End, Outcome, PastCall, Reason};
pub use stream::Stream;
pub use sure::Unsure;
