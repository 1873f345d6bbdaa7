//! One question on its way to an answer, a unit of work at a time.

use std::rc::Rc;

use super::engine::{Core, Engine, LoadedPack, MAX_QUESTION};
use super::event::{Event, ToolCall};
use super::prompt;
use crate::backend::{Backend, Sequence};
use crate::generation::{ArgumentConstraint, Grounding};
use crate::retrieval::RankedTool;
use crate::virtualization::Special;
use crate::{Error, Result};

/// Prompt tokens read in one unit of work: how long a cancel may wait.
const CHUNK: usize = 64;
/// Most tokens that arguments may have.
const MAX_ARGUMENTS: usize = 384;
/// Most tokens of a tool's document.
const MAX_DOCUMENT: usize = 1024;

/// What the stream was asked for.
pub(super) enum Goal<B: Backend> {
    Retrieve { pack: Rc<LoadedPack<B>>, top_k: usize },
    Call { pack: Rc<LoadedPack<B>>, top_k: usize, question: String },
    Complete { max_tokens: usize },
}

/// Work in progress; dropping it cancels.
pub struct Stream<B: Backend> {
    core: Rc<Core<B>>,
    goal: Goal<B>,
    sequence: B::Sequence,
    /// Tokens that the decoder has read, and those that it has yet to.
    read: Vec<u32>,
    pending: Vec<u32>,
    /// The residual stream after the last token read.
    state: Option<B::Tensor>,
    stage: Stage,
    total: usize,
    /// Tokens generated in the current stage, and how much of their text has been told.
    generated: Vec<u32>,
    told: usize,
}

enum Stage {
    /// Reading the prompt, then ranking tools or generating text.
    Start,
    /// The ranking is told; the tool token comes next, or the one that says that none fits.
    Choose {
        tool: Option<usize>,
    },
    /// Reading the tool's document, then writing its arguments.
    Arguments {
        tool: usize,
        constraint: Box<ArgumentConstraint>,
    },
    /// Generating free text.
    Text,
    Done,
}

impl<B: Backend> Stream<B> {
    pub(super) fn new(core: Rc<Core<B>>, prompt: Vec<u32>, goal: Goal<B>) -> Self {
        let capacity = match &goal {
            Goal::Retrieve { pack, .. } => prompt.len() + pack.head.room(),
            Goal::Call { .. } => MAX_QUESTION + MAX_DOCUMENT + MAX_ARGUMENTS,
            Goal::Complete { max_tokens } => prompt.len() + max_tokens,
        };
        let sequence = core.checkpoint.decoder.sequence(capacity);
        let (total, stage) = (prompt.len(), Stage::Start);
        Self {
            core,
            goal,
            sequence,
            read: Vec::new(),
            pending: prompt,
            state: None,
            stage,
            total,
            generated: Vec::new(),
            told: 0,
        }
    }

    /// Does the next unit of work; `None` when all is done. After an error the stream is done, unless the
    /// device was lost ([`Error::DeviceLost`]): then [`Stream::resume`] goes on with it.
    pub async fn next(&mut self) -> Result<Option<Event>> {
        let event = self.advance().await;
        if event.as_ref().is_err_and(|error| !matches!(error, Error::DeviceLost { .. })) {
            self.stage = Stage::Done;
        }
        event
    }

    /// The same stream on another engine with the same checkpoint and pack: what was read is read again,
    /// and what was generated stands.
    ///
    /// # Errors
    /// [`Error::NoPack`] when the engine has no pack and the stream needs one.
    pub fn resume<C: Backend>(self, engine: &Engine<C>) -> Result<Stream<C>> {
        let goal = match self.goal {
            Goal::Retrieve { top_k, .. } => Goal::Retrieve { pack: engine.pack()?.clone(), top_k },
            Goal::Call { top_k, question, .. } => {
                Goal::Call { pack: engine.pack()?.clone(), top_k, question }
            }
            Goal::Complete { max_tokens } => Goal::Complete { max_tokens },
        };
        let capacity = self.sequence.capacity();
        let mut pending = self.read;
        pending.extend(self.pending);
        Ok(Stream {
            core: engine.core.clone(),
            goal,
            sequence: engine.core.checkpoint.decoder.sequence(capacity),
            read: Vec::new(),
            pending,
            state: None,
            stage: self.stage,
            total: self.total,
            generated: self.generated,
            told: self.told,
        })
    }

    async fn advance(&mut self) -> Result<Option<Event>> {
        loop {
            while !self.pending.is_empty() && !matches!(self.stage, Stage::Done) {
                let event = self.read_chunk()?;
                if self.generated.is_empty() {
                    return Ok(Some(event));
                }
            }
            // The stage is changed last: where a device was lost, it is taken up again.
            let mut stage = std::mem::replace(&mut self.stage, Stage::Done);
            let event = self.work(&mut stage).await;
            self.stage = stage;
            let event = event?;
            if event.is_some() || matches!(self.stage, Stage::Done) {
                return Ok(event);
            }
        }
    }

    /// Does a stage's work and moves on to the next stage.
    async fn work(&mut self, stage: &mut Stage) -> Result<Option<Event>> {
        match stage {
            Stage::Start => {
                let (event, next) = self.start().await?;
                *stage = next;
                Ok(event)
            }
            Stage::Choose { tool: None } => {
                *stage = Stage::Done;
                Ok(Some(Event::Abstain))
            }
            Stage::Choose { tool: Some(tool) } => {
                let (event, next) = self.choose(*tool)?;
                *stage = next;
                Ok(Some(event))
            }
            Stage::Arguments { tool, constraint } => {
                let event = self.write_arguments(*tool, constraint).await?;
                if matches!(event, Some(Event::Call { .. })) {
                    *stage = Stage::Done;
                }
                Ok(event)
            }
            Stage::Text => {
                let event = self.write_text().await?;
                if event.is_none() {
                    *stage = Stage::Done;
                }
                Ok(event)
            }
            Stage::Done => Ok(None),
        }
    }

    /// Reads at most [`CHUNK`] pending tokens.
    fn read_chunk(&mut self) -> Result<Event> {
        let rest = self.pending.split_off(self.pending.len().min(CHUNK));
        let chunk = std::mem::replace(&mut self.pending, rest);
        self.state = Some(self.core.checkpoint.decoder.forward(&chunk, &mut self.sequence)?);
        self.read.extend(chunk);
        Ok(Event::Prefill { done: self.sequence.len(), total: self.total })
    }

    async fn start(&mut self) -> Result<(Option<Event>, Stage)> {
        let (pack, top_k, calling) = match &self.goal {
            Goal::Retrieve { pack, top_k } => (pack, *top_k, false),
            Goal::Call { pack, top_k, .. } => (pack, *top_k, true),
            Goal::Complete { .. } => return Ok((None, Stage::Text)),
        };
        let state = self.state.as_ref().expect("the prompt has been read");
        let decoder = &self.core.checkpoint.decoder;
        let sequence = &mut self.sequence;
        let ranking = pack.head.rank(decoder, state, sequence, Special::Abstain, top_k).await?;
        let named = |&(tool, probability): &(usize, f32)| RankedTool {
            name: pack.tools[tool].name.clone(),
            probability,
        };
        let tools = ranking.tools.iter().map(named).collect();
        let next = if calling { Stage::Choose { tool: ranking.choice() } } else { Stage::Done };
        Ok((Some(Event::Ranking { tools, abstain: ranking.special }), next))
    }

    /// Takes the tool token and lines up the tool's document.
    fn choose(&mut self, index: usize) -> Result<(Event, Stage)> {
        let Goal::Call { pack, question, .. } = &self.goal else {
            unreachable!("only calls choose")
        };
        let tool = &pack.tools[index];
        let constraint =
            Box::new(self.core.grammar.arguments(tool, Some(&Grounding::new(question)))?);
        let tokens = self.core.checkpoint.tokenizer.encode(&prompt::arguments(tool))?;
        if tokens.len() > MAX_DOCUMENT {
            return Err(Error::Schema {
                tool: tool.name.clone(),
                path: "parameters".into(),
                reason: format!("has {} tokens; at most {MAX_DOCUMENT} fit", tokens.len()),
            });
        }
        self.pending = tokens;
        self.total = self.sequence.len() + self.pending.len();
        let name = tool.name.clone();
        Ok((Event::Tool { name }, Stage::Arguments { tool: index, constraint }))
    }

    /// Generates a token of the arguments, and all that it forces.
    async fn write_arguments(
        &mut self,
        index: usize,
        constraint: &mut ArgumentConstraint,
    ) -> Result<Option<Event>> {
        let Goal::Call { pack, .. } = &self.goal else { unreachable!("only calls have arguments") };
        let name = pack.tools[index].name.clone();
        let mut tokens = constraint.take_forced();
        if tokens.is_empty() && !constraint.is_complete()? {
            let mask = constraint.mask()?;
            let state = self.state.as_ref().expect("the document has been read");
            let top = self.core.checkpoint.decoder.next_tokens(state, Some(&mask), 1).await?;
            let Some(next) = top.best.first() else {
                let (tool, path) = (name, "parameters".into());
                return Err(Error::Schema { tool, path, reason: "allows no next token".into() });
            };
            constraint.take(next.id)?;
            tokens.push(next.id);
        }
        if tokens.is_empty() {
            let text = self.core.checkpoint.tokenizer.decode(&self.generated)?;
            let arguments = serde_json::from_str(&text).map_err(|error| Error::Schema {
                tool: name.clone(),
                path: "parameters".into(),
                reason: format!("generated arguments are not a JSON object: {error}"),
            })?;
            return Ok(Some(Event::Call { call: ToolCall { name, arguments } }));
        }
        if self.generated.len() + tokens.len() > MAX_ARGUMENTS {
            return Err(Error::ArgumentsTooLong { tool: name, limit: MAX_ARGUMENTS });
        }
        self.generated.extend(&tokens);
        // What ends the arguments is never read: nothing is generated after it.
        if !constraint.is_complete()? {
            self.pending = tokens;
        }
        let text = self.new_text()?;
        Ok((!text.is_empty()).then_some(Event::Arguments { text }))
    }

    async fn write_text(&mut self) -> Result<Option<Event>> {
        let Goal::Complete { max_tokens } = self.goal else {
            unreachable!("only completions are text")
        };
        if self.generated.len() >= max_tokens {
            return Ok(None);
        }
        let state = self.state.as_ref().expect("the prompt has been read");
        let top = self.core.checkpoint.decoder.next_tokens(state, None, 1).await?;
        let id = top.best.first().expect("a vocabulary has tokens").id;
        if id == self.core.checkpoint.tokenizer.end() {
            return Ok(None);
        }
        self.generated.push(id);
        // Nothing comes after the last one, so it is not read.
        if self.generated.len() < max_tokens {
            self.pending = vec![id];
        }
        Ok(Some(Event::Token { id, text: self.new_text()? }))
    }

    /// What the generated tokens have added since the last call, whole characters only.
    fn new_text(&mut self) -> Result<String> {
        let text = self.core.checkpoint.tokenizer.decode(&self.generated)?;
        let whole = text.trim_end_matches(char::REPLACEMENT_CHARACTER);
        let new = whole.get(self.told..).unwrap_or_default().to_owned();
        self.told += new.len();
        Ok(new)
    }
}
