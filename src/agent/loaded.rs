//! What is loaded and shared: a checkpoint, and a pack whose rows lie in the backend.

use std::ops::Deref;

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

/// What every stream of an engine shares.
pub(super) struct Core<B: Backend> {
    pub checkpoint: Checkpoint<B>,
    pub grammar: Grammar,
}

impl<B: Backend> Core<B> {
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
            place.ok_or_else(|| Error::pack("tools", format!("there is no tool `{name}`")))
        };
        let some = |names: &[String]| {
            let tools = names.iter().map(place).collect::<Result<Vec<_>>>()?;
            Ok(pack.head.only(&tools))
        };
        Ok(Self { among: names.map(some).transpose()?, top_k })
    }
}
