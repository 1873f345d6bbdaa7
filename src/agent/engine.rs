//! A checkpoint with a tool pack, ready to be asked.

use std::ops::Deref;
use std::rc::Rc;

use super::run::{Choice, Run};
use super::stream::{Goal, Stream};
use crate::backend::Backend;
use crate::generation::Grammar;
use crate::model::Checkpoint;
use crate::prompt;
use crate::retrieval::ToolHead;
use crate::tool::ToolPack;
use crate::virtualization::Trie;
use crate::{Error, Result};

/// The longest question, in tokens: some 2,000 characters.
pub const MAX_QUESTION: usize = 512;

/// Answers questions with tool calls.
pub struct Engine<B: Backend> {
    pub(super) core: Rc<Core<B>>,
    pub(super) pack: Option<Rc<LoadedPack<B>>>,
}

/// What every stream of an engine shares.
pub(super) struct Core<B: Backend> {
    pub checkpoint: Checkpoint<B>,
    pub grammar: Grammar,
}

/// A pack whose rows lie in the backend.
pub struct LoadedPack<B: Backend> {
    pub(super) pack: ToolPack,
    pub(super) head: ToolHead<B>,
}

impl<B: Backend> Deref for LoadedPack<B> {
    type Target = ToolPack;

    fn deref(&self) -> &ToolPack {
        &self.pack
    }
}

impl<B: Backend> LoadedPack<B> {
    /// The tools of these names alone; one that isn't there is an error.
    fn only(&self, names: &[String]) -> Result<Trie> {
        let place = |name: &String| {
            let place = self.tools.iter().position(|tool| tool.name == *name);
            place.ok_or_else(|| Error::pack("tools", format!("there is no tool `{name}`")))
        };
        let tools = names.iter().map(place).collect::<Result<Vec<_>>>()?;
        Ok(self.head.only(&tools))
    }
}

impl<B: Backend> Engine<B> {
    /// An engine without tools yet.
    pub fn new(checkpoint: Checkpoint<B>) -> Result<Self> {
        let grammar = Grammar::new(&checkpoint.tokenizer)?;
        Ok(Self { core: Rc::new(Core { checkpoint, grammar }), pack: None })
    }

    /// The loaded checkpoint.
    pub fn checkpoint(&self) -> &Checkpoint<B> {
        &self.core.checkpoint
    }

    /// Takes a tool pack in place of the one before. One for another checkpoint is refused and the
    /// one before stays. A schema that can't be held is refused when its tool is called.
    pub fn load_pack(&mut self, pack: &ToolPack) -> Result<()> {
        let decoder = &self.core.checkpoint.decoder;
        pack.check_base(&self.core.checkpoint.sha256, decoder.config.hidden)?;
        let head = ToolHead::new(&decoder.backend, pack)?;
        self.pack = Some(Rc::new(LoadedPack { pack: pack.clone(), head }));
        Ok(())
    }

    /// The loaded pack.
    pub fn pack(&self) -> Result<&Rc<LoadedPack<B>>> {
        self.pack.as_ref().ok_or(Error::NoPack)
    }

    /// Ranks the tools for a question: prefill events, then a ranking of `top_k`.
    pub fn retrieve(&self, question: &str, top_k: usize) -> Result<Stream<B>> {
        let choice = Choice { among: None, top_k };
        let goal = Goal::Retrieve { pack: self.pack()?.clone(), choice };
        Ok(Stream::new(self.core.clone(), self.question(question)?, goal))
    }

    /// Answers a question with a call: prefill events, a ranking of `top_k`, the tool, its
    /// arguments as they grow, and the call.
    pub fn call(&self, question: &str, top_k: usize) -> Result<Stream<B>> {
        self.call_among(question, top_k, None)
    }

    /// As [`Self::call`], with a choice among the tools of these names alone.
    pub fn call_among(
        &self,
        question: &str,
        top_k: usize,
        names: Option<&[String]>,
    ) -> Result<Stream<B>> {
        self.answer(question, top_k, names, None)
    }

    /// Answers a question with at most `max_steps` calls: the events of [`Self::call`], then
    /// [`Event::Approve`](super::Event::Approve) and [`Event::Execute`](super::Event::Execute), to which the
    /// stream wants a [`Stream::reply`], and so on until [`Event::End`](super::Event::End).
    pub fn run(
        &self,
        question: &str,
        top_k: usize,
        max_steps: usize,
        names: Option<&[String]>,
    ) -> Result<Stream<B>> {
        self.answer(question, top_k, names, Some(Box::new(Run::new(max_steps))))
    }

    fn answer(
        &self,
        question: &str,
        top_k: usize,
        names: Option<&[String]>,
        run: Option<Box<Run>>,
    ) -> Result<Stream<B>> {
        let pack = self.pack()?.clone();
        let among = names.map(|names| pack.only(names)).transpose()?;
        let choice = Choice { among, top_k };
        let goal = Goal::Call { pack, choice, question: question.trim().to_owned(), run };
        Ok(Stream::new(self.core.clone(), self.question(question)?, goal))
    }

    /// Continues a raw text greedily: prefill events, then at most `max_tokens` tokens.
    pub fn complete(&self, text: &str, max_tokens: usize) -> Result<Stream<B>> {
        let tokens = self.core.checkpoint.tokenizer.encode(text)?;
        let limit = self.core.checkpoint.decoder.config.context.saturating_sub(max_tokens);
        check_length(tokens.len(), limit)?;
        Ok(Stream::new(self.core.clone(), tokens, Goal::Complete { max_tokens }))
    }

    fn question(&self, text: &str) -> Result<Vec<u32>> {
        question(&self.core.checkpoint, text)
    }
}

/// The prompt of a question that is one.
pub(super) fn question<B: Backend>(checkpoint: &Checkpoint<B>, text: &str) -> Result<Vec<u32>> {
    if text.trim().is_empty() {
        return Err(Error::QuestionEmpty);
    }
    let tokens = prompt::question(&checkpoint.tokenizer, text.trim())?;
    check_length(tokens.len(), MAX_QUESTION.min(checkpoint.decoder.config.context))?;
    Ok(tokens)
}

fn check_length(tokens: usize, limit: usize) -> Result<()> {
    match tokens {
        0 => Err(Error::QuestionEmpty),
        tokens if tokens > limit => Err(Error::QuestionTooLong { tokens, limit }),
        _ => Ok(()),
    }
}
