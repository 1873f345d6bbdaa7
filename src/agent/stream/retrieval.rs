//! A question's ranking of tools, and nothing after it.

use std::rc::Rc;

use crate::Result;
use crate::agent::event::Event;
use crate::agent::loaded::{Candidates, Core, LoadedPack};
use crate::agent::look::Choice;
use crate::agent::reader::{Reader, Reading};
use crate::backend::Backend;
use crate::virtualization::Special;

/// A question whose tools are ranked.
pub(in crate::agent) struct Retrieval<B: Backend> {
    reader: Reader<B>,
    pack: Rc<LoadedPack<B>>,
    candidates: Candidates,
    done: bool,
}

impl<B: Backend> Retrieval<B> {
    pub fn new(
        core: Rc<Core<B>>,
        prompt: Vec<u32>,
        pack: Rc<LoadedPack<B>>,
        candidates: Candidates,
    ) -> Self {
        let capacity = prompt.len() + pack.head.room();
        Self { reader: Reader::new(core, prompt, capacity), pack, candidates, done: false }
    }

    pub async fn next(&mut self) -> Result<Option<Event>> {
        if self.done {
            return Ok(None);
        }
        match self.reader.advance()? {
            Reading::Chunk(event) => Ok(Some(event)),
            Reading::Done(mut position) => {
                let ranking = position.rank(&self.pack, &self.candidates, Special::Abstain);
                let choice = Choice::at_once(ranking.await?);
                self.done = true;
                Ok(Some(choice.event(&self.pack, self.candidates.top_k)))
            }
        }
    }

    pub fn resume<C: Backend>(self, core: Rc<Core<C>>, pack: Rc<LoadedPack<C>>) -> Retrieval<C> {
        let reader = self.reader.resume(core);
        Retrieval { reader, pack, candidates: self.candidates, done: self.done }
    }
}
