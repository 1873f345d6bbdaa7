//! One question on its way to an answer, a unit of work at a time.

use std::borrow::Cow;
use std::rc::Rc;

use super::engine::{Core, Engine, LoadedPack, MAX_QUESTION};
use super::event::Event;
use super::run::{Choice, MAX_OBSERVATION, Run};
use super::step::{End, Happened, Reply, Request};
use crate::backend::{Backend, Sequence};
use crate::generation::ArgumentConstraint;
use crate::prompt;
use crate::retrieval::{RankedTool, Ranking};
use crate::schema::Grounding;
use crate::tool::ToolCall;
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
    Retrieve {
        pack: Rc<LoadedPack<B>>,
        choice: Choice,
    },
    /// With a run, what the call gives is read and the next one follows.
    Call {
        pack: Rc<LoadedPack<B>>,
        choice: Choice,
        question: String,
        run: Option<Box<Run>>,
    },
    Complete {
        max_tokens: usize,
    },
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
    /// The step says what comes next.
    Perform(Request),
    /// The page has yet to reply.
    Waiting,
    /// Reading an observation, then choosing the next tool or ending.
    Next,
    /// Reading a placeholder in the observation's stead: does the question lead to this tool by itself?
    Verify {
        tool: usize,
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
            Goal::Retrieve { choice, .. } => {
                Goal::Retrieve { pack: engine.pack()?.clone(), choice }
            }
            Goal::Call { choice, question, run, .. } => {
                Goal::Call { pack: engine.pack()?.clone(), choice, question, run }
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
        let (event, next) = match stage {
            Stage::Start => self.start().await?,
            Stage::Choose { tool: None } => {
                let request = self.run().map(|run| run.step(Happened::Declined));
                (Some(Event::Abstain), request.map_or(Stage::Done, Stage::Perform))
            }
            Stage::Choose { tool: Some(tool) } => match self.run() {
                Some(_) => self.chose(*tool, true)?,
                None => self.choose(*tool)?,
            },
            Stage::Arguments { tool, constraint } => {
                let event = self.write_arguments(*tool, constraint).await?;
                let Some(Event::Call { call }) = &event else { return Ok(event) };
                let wrote = Happened::Wrote(call.clone());
                let request = self.run().map(|run| run.step(wrote));
                (event, request.map_or(Stage::Done, Stage::Perform))
            }
            Stage::Perform(request) => self.perform(request.clone())?,
            Stage::Waiting => {
                return Err(Error::Backend("a reply to the last event is missing".into()));
            }
            Stage::Next => self.choose_next().await?,
            Stage::Verify { tool } => self.verify(*tool).await?,
            Stage::Text => {
                let event = self.write_text().await?;
                if event.is_some() {
                    return Ok(event);
                }
                (None, Stage::Done)
            }
            Stage::Done => (None, Stage::Done),
        };
        *stage = next;
        Ok(event)
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
        if matches!(self.goal, Goal::Complete { .. }) {
            return Ok((None, Stage::Text));
        }
        let (ranking, event) = self.rank(Special::Abstain).await?;
        let next = match &self.goal {
            Goal::Call { .. } => Stage::Choose { tool: ranking.choice() },
            _ => Stage::Done,
        };
        Ok((Some(event), next))
    }

    /// The tools after what has been read.
    async fn rank(&mut self, special: Special) -> Result<(Ranking, Event)> {
        let (Goal::Retrieve { pack, choice } | Goal::Call { pack, choice, .. }) = &self.goal else {
            unreachable!("completions rank nothing")
        };
        let state = self.state.as_ref().expect("the prompt has been read");
        let (decoder, among) = (&self.core.checkpoint.decoder, choice.among.as_ref());
        let ranking =
            pack.head.rank_among(among, decoder, state, &mut self.sequence, special, choice.top_k);
        let ranking = ranking.await?;
        let named = |&(tool, probability): &(usize, f32)| RankedTool {
            name: pack.tools[tool].name.clone(),
            probability,
        };
        let tools = ranking.tools.iter().map(named).collect();
        let event = Event::Ranking { tools, abstain: ranking.special };
        Ok((ranking, event))
    }

    /// Takes the tool token and lines up the tool's document.
    fn choose(&mut self, index: usize) -> Result<(Option<Event>, Stage)> {
        let Goal::Call { pack, question, run, .. } = &mut self.goal else {
            unreachable!("only calls choose")
        };
        let mut tool = Cow::Borrowed(&pack.tools[index]);
        let grounding = Grounding::new(question);
        if let Some(run) = run {
            let lacking = run.bind(&mut tool.to_mut().parameters, &grounding);
            if !lacking.is_empty() {
                let next = Stage::Perform(run.step(Happened::Lacks(lacking)));
                return Ok((Some(Event::Tool { name: tool.name.clone() }), next));
            }
        }
        let tool = tool.as_ref();
        let constraint = Box::new(self.core.grammar.arguments(tool, Some(&grounding))?);
        self.generated.clear();
        self.told = 0;
        let tokens = self.core.checkpoint.tokenizer.encode(&prompt::arguments(tool))?;
        if tokens.len() > MAX_DOCUMENT {
            return Err(Error::Schema {
                tool: tool.name.clone(),
                path: "parameters".into(),
                reason: format!("has {} tokens; at most {MAX_DOCUMENT} fit", tokens.len()),
            });
        }
        let room = self.sequence.capacity().saturating_sub(self.sequence.len());
        if let Some(run) = run.as_mut().filter(|_| tokens.len() + MAX_ARGUMENTS > room) {
            run.unread.clear();
            let next = Stage::Perform(Request::Stop(End::NoRoom));
            return Ok((Some(Event::Tool { name: tool.name.clone() }), next));
        }
        self.pending = tokens;
        self.total = self.sequence.len() + self.pending.len();
        let name = tool.name.clone();
        Ok((Some(Event::Tool { name }), Stage::Arguments { tool: index, constraint }))
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
        // What ends the arguments is read only if something comes after it.
        if !constraint.is_complete()? {
            self.pending = tokens;
        } else if let Some(run) = self.run() {
            run.unread = tokens;
        }
        let text = self.new_text()?;
        Ok((!text.is_empty()).then_some(Event::Arguments { text }))
    }

    fn run(&mut self) -> Option<&mut Run> {
        match &mut self.goal {
            Goal::Call { run, .. } => run.as_deref_mut(),
            _ => None,
        }
    }

    /// Says what the page answers to [`Event::Approve`] or [`Event::Execute`].
    pub fn reply(&mut self, reply: Reply) -> Result<()> {
        let waiting = matches!(self.stage, Stage::Waiting);
        let Some(run) = self.run().filter(|_| waiting) else {
            return Err(Error::Backend("there was a reply to no question".into()));
        };
        self.stage = Stage::Perform(run.step(reply.into()));
        Ok(())
    }

    /// Whether the next unit of work needs a reply first.
    pub fn is_waiting(&self) -> bool {
        matches!(self.stage, Stage::Waiting)
    }

    fn chose(&mut self, tool: usize, asked: bool) -> Result<(Option<Event>, Stage)> {
        let Goal::Call { pack, run: Some(run), .. } = &mut self.goal else {
            unreachable!("only runs take steps")
        };
        let read_only = pack.tools[tool].annotations.read_only_hint;
        match run.step(Happened::Chose { read_only, asked }) {
            Request::Write => self.choose(tool),
            request => self.perform(request),
        }
    }

    fn perform(&mut self, request: Request) -> Result<(Option<Event>, Stage)> {
        Ok(match request {
            Request::Choose | Request::Write => unreachable!("follows at once what asks for it"),
            Request::Approve(call, reason) => {
                (Some(Event::Approve { call, reason }), Stage::Waiting)
            }
            Request::Execute(call) => (Some(Event::Execute { call }), Stage::Waiting),
            Request::Read { observation, .. } => {
                self.generated.clear();
                let base = self.sequence.len();
                self.run().expect("only runs read").base = base;
                let fits = self.observe(&observation)?;
                let end = Stage::Perform(Request::Stop(End::NoRoom));
                (None, if fits { Stage::Next } else { end })
            }
            Request::Stop(end) => (Some(Event::End(end)), Stage::Done),
        })
    }

    /// Lines up the end of the arguments and what the call gave; false when that doesn't fit.
    fn observe(&mut self, text: &str) -> Result<bool> {
        let tokenizer = &self.core.checkpoint.tokenizer;
        let kept: String = text.chars().take(4 * MAX_OBSERVATION).collect();
        let mut tokens = prompt::observation(tokenizer, &kept)?;
        if tokens.len() > MAX_OBSERVATION {
            tokens =
                prompt::observation(tokenizer, &kept[..kept.floor_char_boundary(kept.len() / 4)])?;
        }
        let unread = self.run().map(|run| run.unread.clone()).unwrap_or_default();
        self.pending = [unread, tokens].concat();
        self.total = self.sequence.len() + self.pending.len();
        Ok(self.total <= self.sequence.capacity())
    }

    /// After an observation: the next tool, or the end.
    async fn choose_next(&mut self) -> Result<(Option<Event>, Stage)> {
        let (ranking, event) = self.rank(Special::Finish).await?;
        let run = self.run().expect("only runs go on");
        match run.step(Happened::Read) {
            Request::Choose => {}
            request => return self.perform(request),
        }
        let Some(tool) = ranking.choice() else {
            return Ok((Some(event), Stage::Perform(run.step(Happened::Declined))));
        };
        // What came from elsewhere is forgotten: from here on the question speaks alone.
        let (base, placeholder) = (run.base, run.placeholder());
        self.sequence.truncate(base);
        self.read.truncate(base);
        self.observe(placeholder)?;
        Ok((Some(event), Stage::Verify { tool }))
    }

    async fn verify(&mut self, tool: usize) -> Result<(Option<Event>, Stage)> {
        let (ranking, _) = self.rank(Special::Finish).await?;
        self.chose(tool, ranking.choice() == Some(tool))
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
