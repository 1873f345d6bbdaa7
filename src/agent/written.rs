//! What the model writes: free text token by token, and a tool's arguments under their grammar.

use serde_json::Value;

use super::event::{Alternative, ArgumentToken};
use super::loaded::{Core, MAX_ARGUMENTS, MAX_DOCUMENT};
use super::reader::Position;
use crate::backend::{Backend, Scored, TopK};
use crate::conversation::Question;
use crate::generation::ArgumentConstraint;
use crate::prompt;
use crate::schema::{Grounding, digits, flattened, not_said};
use crate::tokenizer::Tokenizer;
use crate::tool::{Tool, ToolCall};
use crate::{Error, Result};

/// Generated tokens, and how much of their text has been told.
#[derive(Default)]
pub(super) struct Written {
    pub tokens: Vec<u32>,
    told: usize,
}

impl Written {
    /// What the tokens have added since the last call, whole characters only.
    pub fn new_text(&mut self, tokenizer: &Tokenizer) -> Result<String> {
        let text = tokenizer.decode(&self.tokens)?;
        let whole = text.trim_end_matches(char::REPLACEMENT_CHARACTER);
        let new = whole.get(self.told..).unwrap_or_default().to_owned();
        self.told += new.len();
        Ok(new)
    }
}

/// Characters of a parameter's description, where whole ones don't fit.
const SHORTER: [usize; 4] = [usize::MAX, 120, 40, 0];

/// The tokens of a tool's document, as they are read before its arguments; its parameters' descriptions are shortened
/// until it fits.
pub(super) fn document<B: Backend>(
    core: &Core<B>,
    tool: &Tool,
    question: &Question,
) -> Result<Vec<u32>> {
    let mut length = 0;
    for characters in SHORTER {
        let text = prompt::arguments_within(tool, question, characters);
        let document = core.checkpoint.tokenizer.encode(&text)?;
        if document.len() <= MAX_DOCUMENT {
            return Ok(document);
        }
        length = document.len();
    }
    let reason = format!("has {length} tokens without any description; at most {MAX_DOCUMENT} fit");
    Err(Error::Schema { tool: tool.name.clone(), path: "parameters".into(), reason })
}

/// The arguments of one call on their way.
pub(super) struct WrittenArguments {
    tool: Tool,
    constraint: ArgumentConstraint,
    written: Written,
    /// The end of the arguments, which the decoder has yet to read if anything comes after it.
    unread: Vec<u32>,
    /// Characters to tell.
    text: String,
    /// Their tokens, with what might have stood in their place.
    tokens: Vec<ArgumentToken>,
    /// Whether tokens are told.
    explains: bool,
}

/// What a unit of writing came to.
pub(super) enum Wrote {
    /// More of the arguments.
    Part {
        /// Their new characters; may be none.
        text: String,
        /// Their new tokens, if these are told.
        tokens: Vec<ArgumentToken>,
        /// Tokens to read before the next unit; none once the arguments are complete.
        read: Vec<u32>,
    },
    /// The arguments are complete.
    Call {
        /// The call.
        call: ToolCall,
        /// Required arguments that were not said.
        lacks: Vec<String>,
        /// The end of the arguments, not yet read.
        unread: Vec<u32>,
    },
}

impl WrittenArguments {
    /// Begins the arguments of `tool`, and returns its document's tokens, which are to be read first.
    pub fn begin<B: Backend>(
        core: &Core<B>,
        tool: &Tool,
        question: &Question,
        explains: bool,
    ) -> Result<(Self, Vec<u32>)> {
        let grounding = Grounding::new(question).with_not_said(core.is_trained_to_ask());
        let constraint = core.grammar.arguments(tool, Some(&grounding))?;
        let parameters = flattened(&tool.parameters).unwrap_or_else(|_| tool.parameters.clone());
        let tool = Tool { parameters, ..tool.clone() };
        let document = document(core, &tool, question)?;
        let arguments = Self {
            tool,
            constraint,
            written: Written::default(),
            unread: Vec::new(),
            text: String::new(),
            tokens: Vec::new(),
            explains,
        };
        Ok((arguments, document))
    }

    /// Whether anything has been told.
    pub fn has_begun(&self) -> bool {
        self.written.told > self.text.len()
    }

    /// The tokens that arguments must begin with, to be read after the document.
    pub fn beginning(&mut self, tokenizer: &Tokenizer) -> Result<Vec<u32>> {
        self.with_forced(Vec::new(), tokenizer)
    }

    /// Generates a token, and all that it forces.
    pub async fn write<B: Backend>(&mut self, position: &Position<'_, B>) -> Result<Wrote> {
        let tokenizer = &position.core.checkpoint.tokenizer;
        let is_complete = self.constraint.is_complete()?;
        let mut read = Vec::new();
        if !is_complete {
            let mask = self.constraint.mask()?;
            let count = if self.explains { ALTERNATIVES } else { 1 };
            let top = position.likeliest(&mask, count).await?;
            let Some(next) = top.best.first() else {
                return Err(self.wrong("allows no next token".into()));
            };
            self.constraint.take(next.id)?;
            let alternatives =
                if self.explains { alternatives(tokenizer, &top)? } else { Vec::new() };
            self.add(next.id, tokenizer, |text| ArgumentToken {
                text,
                forced: false,
                allowed: mask.count(),
                alternatives,
            })?;
            read = self.with_forced(vec![next.id], tokenizer)?;
        }
        if is_complete && self.text.is_empty() {
            return self.call(tokenizer);
        }
        let (text, tokens) = (std::mem::take(&mut self.text), std::mem::take(&mut self.tokens));
        Ok(Wrote::Part { text, tokens, read })
    }

    /// Writes the tokens that must follow those that are written, the last of which are yet to be read. Returns what to
    /// read before the next is generated: they are read together, since a token more costs less than a reading more.
    fn with_forced(&mut self, mut unread: Vec<u32>, tokenizer: &Tokenizer) -> Result<Vec<u32>> {
        for token in self.constraint.take_fast_forward() {
            self.add(token, tokenizer, |text| ArgumentToken {
                text,
                forced: true,
                allowed: 1,
                alternatives: Vec::new(),
            })?;
            unread.push(token);
        }
        if self.constraint.is_complete()? {
            self.unread = std::mem::take(&mut unread);
        }
        Ok(unread)
    }

    /// Writes a token; `told` is made of the characters that it completes.
    fn add(
        &mut self,
        token: u32,
        tokenizer: &Tokenizer,
        told: impl FnOnce(String) -> ArgumentToken,
    ) -> Result<()> {
        self.written.tokens.push(token);
        if self.written.tokens.len() > MAX_ARGUMENTS {
            let (tool, limit) = (self.tool.name.clone(), MAX_ARGUMENTS);
            return Err(Error::ArgumentsTooLong { tool, limit });
        }
        let text = self.written.new_text(tokenizer)?;
        self.text += &text;
        if self.explains {
            self.tokens.push(told(text));
        }
        Ok(())
    }

    /// The call, of complete arguments.
    fn call(&mut self, tokenizer: &Tokenizer) -> Result<Wrote> {
        let text = tokenizer.decode(&self.written.tokens)?;
        let arguments = digits::parse(&text, &self.tool.parameters)
            .map_err(|reason| self.wrong(format!("generated arguments can't be read: {reason}")))?;
        let Value::Object(mut arguments) = arguments else {
            return Err(self.wrong("generated arguments are not an object".into()));
        };
        let lacks = not_said::take(&mut arguments, &self.tool.parameters);
        let call = ToolCall { name: self.tool.name.clone(), arguments };
        Ok(Wrote::Call { call, lacks, unread: std::mem::take(&mut self.unread) })
    }

    fn wrong(&self, reason: String) -> Error {
        Error::Schema { tool: self.tool.name.clone(), path: "parameters".into(), reason }
    }
}

/// How many tokens that the grammar allowed are told.
const ALTERNATIVES: usize = 4;

/// The likeliest tokens, of which the first is chosen.
fn alternatives(tokenizer: &Tokenizer, top: &TopK) -> Result<Vec<Alternative>> {
    let alternative = |scored: &Scored| {
        let text = tokenizer.decode(&[scored.id])?;
        Ok(Alternative { text, probability: top.probability(scored) })
    };
    top.best.iter().map(alternative).collect()
}
