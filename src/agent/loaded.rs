//! What is loaded and shared: a checkpoint, and a pack whose rows lie in the backend.

use std::cell::RefCell;
use std::ops::Deref;

use super::context::Context;
use crate::backend::Backend;
use crate::conversation::Question;
use crate::generation::Grammar;
use crate::model::Checkpoint;
use crate::prompt;
use crate::retrieval::ToolHead;
use crate::tool::ToolPack;
use crate::virtualization::Trie;
use crate::{Error, Result};

/// The longest question, in tokens: some 2,000 characters.
pub const MAX_QUESTION: usize = 512;
/// Most tokens that arguments may have.
pub(super) const MAX_ARGUMENTS: usize = 384;
/// Most tokens of a tool's document.
pub(super) const MAX_DOCUMENT: usize = 1024;

/// The least capacity of a context, in tokens, so that questions of all kinds can share one.
const CONTEXT: usize = MAX_QUESTION + MAX_DOCUMENT + MAX_ARGUMENTS;

/// What every stream of an engine shares.
pub(super) struct Core<B: Backend> {
    pub checkpoint: Checkpoint<B>,
    pub grammar: Grammar,
    /// What the last stream has read.
    kept: RefCell<Option<Context<B>>>,
}

impl<B: Backend> Core<B> {
    pub fn new(checkpoint: Checkpoint<B>) -> Result<Self> {
        let grammar = Grammar::new(&checkpoint.tokenizer)?;
        Ok(Self { checkpoint, grammar, kept: RefCell::new(None) })
    }

    /// A context with room for `capacity` tokens: the one that was kept, if it is free and large enough.
    pub fn context(&self, capacity: usize) -> Context<B> {
        let decoder = &self.checkpoint.decoder;
        let capacity = capacity.max(CONTEXT).min(decoder.config.context);
        let kept = self.kept.take().filter(|kept| kept.capacity() >= capacity);
        kept.unwrap_or_else(|| Context::new(decoder.sequence(capacity)))
    }

    /// Keeps a context for the next stream.
    pub fn keep(&self, context: Context<B>) {
        self.kept.replace(Some(context));
    }

    /// The prompt of a question that is one, and of the turns before it.
    pub fn question(&self, question: &Question) -> Result<Vec<u32>> {
        if question.text.trim().is_empty() {
            return Err(Error::QuestionEmpty);
        }
        let tokenizer = &self.checkpoint.tokenizer;
        let context = self.checkpoint.decoder.config.context;
        let tokens = prompt::question(tokenizer, &question.text)?.len();
        check_length(tokens, MAX_QUESTION.min(context))?;
        prompt::conversation(tokenizer, question)
    }

    /// Whether the checkpoint was trained to say what was not said, and to look twice.
    pub fn is_trained_to_ask(&self) -> bool {
        self.checkpoint.document_head.as_ref().is_some_and(|head| head.version >= 2)
    }

    /// The tokens of a raw text that `more` tokens are to follow.
    pub fn raw_text(&self, text: &str, more: usize) -> Result<Vec<u32>> {
        let tokens = self.checkpoint.tokenizer.encode(text)?;
        let limit = self.checkpoint.decoder.config.context.saturating_sub(more);
        check_length(tokens.len(), limit)?;
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

/// The tools among which a question chooses.
#[derive(Clone)]
pub(super) struct Candidates {
    /// All when absent.
    pub among: Option<Trie>,
    /// Length of rankings.
    pub top_k: usize,
}

impl Candidates {
    /// The pack's tools of these names, or all; a name that isn't there is an error.
    pub fn of<B: Backend>(
        pack: &LoadedPack<B>,
        names: Option<&[String]>,
        top_k: usize,
    ) -> Result<Self> {
        let place = |name: &String| {
            let place = pack.tools.iter().position(|tool| tool.name == *name);
            let unknown = || format!("there is no tool `{name}`");
            place.ok_or_else(|| Error::Option { name: "tools", reason: unknown() })
        };
        let some = |names: &[String]| {
            let tools = names.iter().map(place).collect::<Result<Vec<_>>>()?;
            Ok(pack.head.only(&tools))
        };
        Ok(Self { among: names.map(some).transpose()?, top_k })
    }
}
