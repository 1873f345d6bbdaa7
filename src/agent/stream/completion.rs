//! A raw text continued greedily.

use std::rc::Rc;

use crate::Result;
use crate::agent::event::Event;
use crate::agent::loaded::Core;
use crate::agent::reader::{Reader, Reading};
use crate::agent::written::Written;
use crate::backend::Backend;

/// Free text on its way.
pub(in crate::agent) struct Completion<B: Backend> {
    reader: Reader<B>,
    written: Written,
    /// Tokens that may still come.
    left: usize,
}

impl<B: Backend> Completion<B> {
    pub fn new(core: Rc<Core<B>>, prompt: Vec<u32>, max_tokens: usize) -> Self {
        let capacity = prompt.len() + max_tokens;
        let (reader, written) = (Reader::new(core, prompt, capacity), Written::default());
        Self { reader, written, left: max_tokens }
    }

    pub async fn next(&mut self) -> Result<Option<Event>> {
        loop {
            if self.left == 0 && !self.written.tokens.is_empty() {
                return Ok(None);
            }
            let position = match self.reader.advance()? {
                Reading::Chunk(event) if self.written.tokens.is_empty() => return Ok(Some(event)),
                Reading::Chunk(_) => continue,
                Reading::Done(position) => position,
            };
            if self.left == 0 {
                return Ok(None);
            }
            let tokenizer = &position.core.checkpoint.tokenizer;
            let next = position.next_token().await?;
            let Some(id) = next.filter(|&id| id != tokenizer.end()) else {
                self.left = 0;
                return Ok(None);
            };
            self.written.tokens.push(id);
            self.left -= 1;
            let text = self.written.new_text(tokenizer)?;
            // Nothing comes after the last one, so it is not read.
            if self.left > 0 {
                self.reader.line_up([id]);
            }
            return Ok(Some(Event::Token { id, text }));
        }
    }

    pub fn resume<C: Backend>(self, core: Rc<Core<C>>) -> Completion<C> {
        Completion { reader: self.reader.resume(core), written: self.written, left: self.left }
    }
}
