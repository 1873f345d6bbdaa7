//! A checkpoint with a tool pack, ready to be asked.

use std::rc::Rc;

use super::prompt;
use super::stream::{Goal, Stream};
use crate::backend::Backend;
use crate::generation::Grammar;
use crate::model::Checkpoint;
use crate::retrieval::ToolHead;
use crate::tool::{Tool, ToolPack};
use crate::{Error, Result};

/// The longest question, in tokens: some 2,000 characters.
pub const MAX_QUESTION: usize = 512;

/// Answers questions with tool calls.
pub struct Engine<B: Backend> {
    pub(super) core: Rc<Core<B>>,
    pack: Option<Rc<LoadedPack<B>>>,
}

/// What every stream of an engine shares.
pub(super) struct Core<B: Backend> {
    pub checkpoint: Checkpoint<B>,
    pub grammar: Grammar,
}

/// A pack whose rows lie in the backend.
pub struct LoadedPack<B: Backend> {
    /// The tools, in the pack's order.
    pub tools: Vec<Tool>,
    pub(super) head: ToolHead<B>,
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
        self.pack = Some(Rc::new(LoadedPack { tools: pack.tools.clone(), head }));
        Ok(())
    }

    /// The loaded pack.
    pub fn pack(&self) -> Result<&Rc<LoadedPack<B>>> {
        self.pack.as_ref().ok_or(Error::NoPack)
    }

    /// Ranks the tools for a question: prefill events, then a ranking of `top_k`.
    pub fn retrieve(&self, question: &str, top_k: usize) -> Result<Stream<B>> {
        let goal = Goal::Retrieve { pack: self.pack()?.clone(), top_k };
        Ok(Stream::new(self.core.clone(), self.question(question)?, goal))
    }

    /// Answers a question with a call: prefill events, a ranking of `top_k`, the tool, its
    /// arguments as they grow, and the call.
    pub fn call(&self, question: &str, top_k: usize) -> Result<Stream<B>> {
        let goal =
            Goal::Call { pack: self.pack()?.clone(), top_k, question: question.trim().to_owned() };
        Ok(Stream::new(self.core.clone(), self.question(question)?, goal))
    }

    /// Continues a raw text greedily: prefill events, then at most `max_tokens` tokens.
    pub fn complete(&self, text: &str, max_tokens: usize) -> Result<Stream<B>> {
        let tokens = self.core.checkpoint.tokenizer.encode(text)?;
        let limit = self.core.checkpoint.decoder.config.context.saturating_sub(max_tokens);
        check_length(tokens.len(), limit)?;
        Ok(Stream::new(self.core.clone(), tokens, Goal::Complete { max_tokens }))
    }

    fn question(&self, question: &str) -> Result<Vec<u32>> {
        if question.trim().is_empty() {
            return Err(Error::QuestionEmpty);
        }
        let tokens = prompt::question(&self.core.checkpoint.tokenizer, question.trim())?;
        check_length(tokens.len(), MAX_QUESTION.min(self.core.checkpoint.decoder.config.context))?;
        Ok(tokens)
    }
}

fn check_length(tokens: usize, limit: usize) -> Result<()> {
    match tokens {
        0 => Err(Error::QuestionEmpty),
        tokens if tokens > limit => Err(Error::QuestionTooLong { tokens, limit }),
        _ => Ok(()),
    }
}
