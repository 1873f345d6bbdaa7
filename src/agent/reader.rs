//! Reads tokens, a chunk a unit of work, and keeps what the decoder needs to go on.

use std::rc::Rc;

use super::context::Context;
use super::event::Event;
use super::loaded::{Candidates, Core, LoadedPack};
use crate::backend::{Backend, BitMask, TopK};
use crate::generation::second_look::MAX_LOOKS;
use crate::retrieval::Ranking;
use crate::virtualization::Special;
use crate::{Error, Result};

/// Prompt tokens read in one unit of work: how long a cancel may wait.
const CHUNK: usize = 64;

/// Tokens that the decoder has read, and those that it has yet to. What it has read is left to the next reader.
pub(super) struct Reader<B: Backend> {
    pub core: Rc<Core<B>>,
    /// There until the reader is dropped.
    context: Option<Context<B>>,
    pending: Vec<u32>,
    /// Most tokens of the next unit of work. What was kept counts with the first, so that units end where they would
    /// without it.
    next_chunk: usize,
    /// The residual stream after the last token read, `[1, d]`.
    residual: Option<B::Tensor>,
}

/// What a unit of reading came to.
pub(super) enum Reading<'a, B: Backend> {
    /// A chunk was read.
    Chunk(Event),
    /// Nothing is left to read.
    Done(Position<'a, B>),
}

/// A tool whose document is read.
#[derive(Clone, Copy)]
pub(super) struct Seen {
    pub tool: usize,
    /// Tokens before the document.
    pub start: usize,
}

/// The place after the last token read: what can be asked of the model there.
pub(super) struct Position<'a, B: Backend> {
    pub core: &'a Core<B>,
    sequence: &'a mut B::Sequence,
    residual: &'a B::Tensor,
}

impl<B: Backend> Reader<B> {
    /// A reader of `prompt` with room for `capacity` tokens. What the last reader has read of the same is not read again.
    pub fn new(core: Rc<Core<B>>, prompt: Vec<u32>, capacity: usize) -> Self {
        let mut context = core.context(capacity);
        context.keep_for(&prompt);
        let kept = context.read().len();
        let (pending, next_chunk) = (prompt[kept..].to_vec(), CHUNK - kept % CHUNK);
        Self { core, context: Some(context), pending, next_chunk, residual: None }
    }

    /// The same on another engine's checkpoint: what was read is to be read again.
    pub fn resume<C: Backend>(self, core: Rc<Core<C>>) -> Reader<C> {
        let context = self.context();
        Reader::new(core, [context.read(), &self.pending].concat(), context.capacity())
    }

    /// Tokens read.
    pub fn len(&self) -> usize {
        self.context().read().len()
    }

    /// Tokens that still fit.
    pub fn room(&self) -> usize {
        self.context().capacity().saturating_sub(self.len() + self.pending.len())
    }

    fn context(&self) -> &Context<B> {
        self.context.as_ref().expect("there until the reader is dropped")
    }

    /// Puts tokens behind those that are to be read.
    pub fn line_up(&mut self, tokens: impl IntoIterator<Item = u32>) {
        self.pending.extend(tokens);
    }

    /// Forgets what was read after the first `len` tokens. More must be lined up before it is asked again.
    pub fn rewind(&mut self, len: usize) {
        if let Some(context) = &mut self.context {
            context.truncate(len);
        }
        self.residual = None;
    }

    /// Lines up a tool's document in the place of the one that was read before, if any, and returns how many tokens
    /// come before it.
    pub fn read_instead(&mut self, seen: Option<Seen>, document: Vec<u32>) -> usize {
        if let Some(Seen { start, .. }) = seen {
            self.rewind(start);
        }
        self.line_up(document);
        self.len()
    }

    /// Reads the next chunk, if one is left. A chunk that the device failed on stays to be read.
    pub fn advance(&mut self) -> Result<Reading<'_, B>> {
        let context = self.context.as_mut().expect("there until the reader is dropped");
        if self.pending.is_empty() {
            let residual =
                self.residual.as_ref().ok_or(Error::OutOfTurn("nothing is to be read"))?;
            let (core, sequence) = (&*self.core, context.sequence());
            return Ok(Reading::Done(Position { core, sequence, residual }));
        }
        let count = self.pending.len().min(std::mem::replace(&mut self.next_chunk, CHUNK));
        let decoder = &self.core.checkpoint.decoder;
        self.residual = Some(context.read_on(decoder, &self.pending[..count])?);
        self.pending.drain(..count);
        let (done, total) = (context.read().len(), context.read().len() + self.pending.len());
        Ok(Reading::Chunk(Event::Prefill { done, total }))
    }
}

impl<B: Backend> Drop for Reader<B> {
    fn drop(&mut self) {
        if let Some(context) = self.context.take() {
            self.core.keep(context);
        }
    }
}

impl<B: Backend> Position<'_, B> {
    /// The likeliest tools, beside a special token: as many as are told, or looked at.
    pub async fn rank(
        &mut self,
        pack: &LoadedPack<B>,
        candidates: &Candidates,
        special: Special,
    ) -> Result<Ranking> {
        let (decoder, among) = (&self.core.checkpoint.decoder, candidates.among.as_ref());
        let k = candidates.top_k.max(MAX_LOOKS);
        pack.head.rank_among(among, decoder, self.residual, self.sequence, special, k).await
    }

    /// The likeliest next token of the vocabulary.
    pub async fn next_token(&self) -> Result<Option<u32>> {
        let top = self.core.checkpoint.decoder.next_tokens(self.residual, None, 1).await?;
        Ok(top.best.first().map(|next| next.id))
    }

    /// The `k` likeliest next tokens of the vocabulary among those that `mask` allows.
    pub async fn likeliest(&self, mask: &BitMask, k: usize) -> Result<TopK> {
        self.core.checkpoint.decoder.next_tokens(self.residual, Some(mask), k).await
    }
}
