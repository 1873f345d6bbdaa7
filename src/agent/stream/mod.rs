//! One question on its way to an answer, a unit of work at a time.
//!
//! Each kind of question has a driver of its own, over the same [`Reader`](super::reader::Reader).

mod call;
mod completion;
mod retrieval;
mod run;

pub(super) use call::Call;
pub(super) use completion::Completion;
pub(super) use retrieval::Retrieval;
pub(super) use run::Run;

use super::event::Event;
use super::reply::Reply;
use crate::backend::Backend;
use crate::{Error, Result};

/// Work in progress; dropping it cancels.
pub struct Stream<B: Backend>(pub(super) Driver<B>);

pub(super) enum Driver<B: Backend> {
    Retrieval(Retrieval<B>),
    Completion(Completion<B>),
    Call(Call<B>),
    Run(Box<Run<B>>),
    /// An error ended it.
    Ended,
}

impl<B: Backend> From<Driver<B>> for Stream<B> {
    fn from(driver: Driver<B>) -> Self {
        Self(driver)
    }
}

impl<B: Backend> Stream<B> {
    /// Does the next unit of work; `None` when all is done.
    ///
    /// # Errors
    /// Ends the stream, unless it is the device that is gone ([`Error::DeviceLost`]): then
    /// [`Engine::resume`](super::Engine::resume) goes on with it.
    pub async fn next(&mut self) -> Result<Option<Event>> {
        let event = match &mut self.0 {
            Driver::Retrieval(retrieval) => retrieval.next().await,
            Driver::Completion(completion) => completion.next().await,
            Driver::Call(call) => call.next().await,
            Driver::Run(run) => run.next().await,
            Driver::Ended => Ok(None),
        };
        if event.as_ref().is_err_and(|error| !matches!(error, Error::DeviceLost { .. })) {
            self.0 = Driver::Ended;
        }
        event
    }

    /// The same, with each token of arguments told or not: how many the grammar allowed, and the likeliest of them.
    pub fn explained(mut self, explains: bool) -> Self {
        match &mut self.0 {
            Driver::Call(call) => call.explains = explains,
            Driver::Run(run) => run.explains = explains,
            Driver::Retrieval(_) | Driver::Completion(_) | Driver::Ended => {}
        }
        self
    }

    /// The same, with a call required or not: the likeliest tool is called even where none fits, whatever the question's
    /// language. What it doesn't say is asked for nevertheless. Of [`Engine::call`](super::Engine::call) alone.
    pub fn required(mut self, required: bool) -> Self {
        if let Driver::Call(call) = &mut self.0 {
            call.required = required;
        }
        self
    }

    /// Says what the page answers to [`Event::Approve`] or [`Event::Execute`].
    ///
    /// # Errors
    /// [`Error::OutOfTurn`] where nothing was asked.
    pub fn reply(&mut self, reply: Reply) -> Result<()> {
        match &mut self.0 {
            Driver::Run(run) if run.is_waiting() => run.reply(reply),
            _ => return Err(Error::OutOfTurn("there was a reply, but no event asked for one")),
        }
        Ok(())
    }

    /// Whether the next unit of work needs a reply first.
    pub fn is_waiting(&self) -> bool {
        matches!(&self.0, Driver::Run(run) if run.is_waiting())
    }
}
