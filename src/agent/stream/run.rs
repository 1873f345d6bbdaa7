//! A question answered with calls that the page carries out, until [`step`] ends it.

use std::rc::Rc;

use crate::agent::answers::Answers;
use crate::agent::event::{Abstained, Event};
use crate::agent::loaded::{
    Candidates, Core, LoadedPack, MAX_ARGUMENTS, MAX_DOCUMENT, MAX_QUESTION,
};
use crate::agent::look::{Choice, look};
use crate::agent::reader::{Reader, Reading, Seen};
use crate::agent::reply::Reply;
use crate::agent::step::{ANSWERED, FAILED, Happened, Request, State, step};
use crate::agent::sure::{MAX_CANDIDATES, Unsure};
use crate::agent::written::{WrittenArguments, Wrote, document};
use crate::backend::Backend;
use crate::conversation::Question;
use crate::language::is_english;
use crate::virtualization::Special;
use crate::{Error, Result, prompt};

/// A run between two units of work.
pub(in crate::agent) struct Run<B: Backend> {
    reader: Reader<B>,
    pack: Rc<LoadedPack<B>>,
    candidates: Candidates,
    question: Question,
    /// Whether tokens of arguments are told.
    pub explains: bool,
    state: State,
    answers: Answers,
    /// The end of the last call's arguments, which the decoder has yet to read.
    unread: Vec<u32>,
    /// Tokens before them.
    base: usize,
    /// What is read in the last observation's place to see where the question leads without its text.
    placeholder: &'static str,
    /// What the last ranking leaves to choose.
    choice: Choice,
    /// The tool that was looked at last.
    seen: Option<Seen>,
    stage: Stage,
}

enum Stage {
    /// The question is in another language.
    Foreign,
    /// What the step asks for comes next.
    Perform(Request),
    /// A tool's document is read, then it is looked at.
    Look(Seen),
    /// What looks have come to is told.
    Weigh,
    /// The tool's document is read, then its arguments are written.
    Write(Box<WrittenArguments>),
    /// The page has yet to reply.
    Wait,
    /// The observation is read.
    Observe,
    /// A placeholder is read in the observation's stead: does the question lead to this tool by itself?
    Verify(usize),
    Done,
}

impl<B: Backend> Run<B> {
    pub fn new(
        core: Rc<Core<B>>,
        question: Question,
        pack: Rc<LoadedPack<B>>,
        candidates: Candidates,
        max_steps: usize,
        unsure: Unsure,
    ) -> Result<Self> {
        let prompt = core.question(&question)?;
        let capacity = prompt.len().max(MAX_QUESTION) + MAX_DOCUMENT + MAX_ARGUMENTS;
        let reader = Reader::new(core, prompt, capacity);
        let stage = match is_english(&question.text) {
            true => Stage::Perform(Request::Choose),
            false => Stage::Foreign,
        };
        Ok(Self {
            reader,
            pack,
            candidates,
            question,
            explains: false,
            state: State::new(max_steps, unsure),
            answers: Answers::default(),
            unread: Vec::new(),
            base: 0,
            placeholder: ANSWERED,
            choice: Choice::none(),
            seen: None,
            stage,
        })
    }

    pub async fn next(&mut self) -> Result<Option<Event>> {
        while !matches!(self.stage, Stage::Done) {
            // What needs nothing of the model.
            let event = match &self.stage {
                Stage::Foreign => {
                    self.happened(Happened::Declined);
                    Some(Event::Abstain { reason: Abstained::Language })
                }
                Stage::Weigh => {
                    self.decide();
                    Some(self.choice.event(&self.pack, self.candidates.top_k))
                }
                Stage::Perform(Request::Take) => self.take()?,
                Stage::Perform(Request::TakePicked(tool)) => {
                    let tool = self.pack.tools.iter().position(|other| other.name == *tool);
                    self.choice = tool.map_or_else(Choice::none, Choice::only);
                    self.take()?
                }
                Stage::Perform(Request::Ask(candidates)) => {
                    let candidates = candidates.clone();
                    self.stage = Stage::Wait;
                    Some(Event::Choose { candidates })
                }
                Stage::Perform(Request::Stop(end)) => {
                    let event = Event::End { end: end.clone(), calls: self.state.calls().to_vec() };
                    self.stage = Stage::Done;
                    Some(event)
                }
                _ => None,
            };
            if event.is_some() {
                return Ok(event);
            }
            if matches!(self.stage, Stage::Perform(Request::Take | Request::Stop(_))) {
                continue;
            }
            let is_writing =
                matches!(&self.stage, Stage::Write(arguments) if arguments.has_begun());
            let mut position = match self.reader.advance()? {
                Reading::Chunk(_) if is_writing => continue,
                Reading::Chunk(event) => return Ok(Some(event)),
                Reading::Done(position) => position,
            };
            let is_first = self.state.calls().is_empty();
            // The stage is changed last: where a device was lost, it is taken up again.
            let event = match &mut self.stage {
                Stage::Perform(Request::Choose) => {
                    let special = if is_first { Special::Abstain } else { Special::Finish };
                    let ranking = position.rank(&self.pack, &self.candidates, special).await?;
                    self.choice = match is_first {
                        true => Choice::of(position.core, ranking),
                        false => Choice::at_once(ranking),
                    };
                    let event = self.choice.event(&self.pack, self.candidates.top_k);
                    self.consider()?;
                    Some(event)
                }
                &mut Stage::Look(seen) => {
                    let probability = look(&position).await?;
                    self.choice.looked(probability);
                    self.seen = Some(seen);
                    self.consider()?;
                    Some(Event::Look { name: self.pack.tools[seen.tool].name.clone(), probability })
                }
                &mut Stage::Verify(tool) => {
                    let ranking = position.rank(&self.pack, &self.candidates, Special::Finish);
                    let is_asked = ranking.await?.choice() == Some(tool);
                    self.chose(tool, is_asked);
                    None
                }
                &mut Stage::Perform(Request::Write { tool }) => Some(self.begin(tool)?),
                Stage::Write(arguments) => match arguments.write(&position).await? {
                    Wrote::Part { text, tokens, read } => {
                        self.reader.line_up(read);
                        Event::of_arguments(text, tokens)
                    }
                    Wrote::Call { call, lacks, .. } if !lacks.is_empty() => {
                        self.happened(Happened::Lacks { call, parameters: lacks });
                        None
                    }
                    Wrote::Call { call, unread, .. } => {
                        self.unread = unread;
                        self.happened(Happened::Wrote(call.clone()));
                        // A call that the step refuses, such as a repeated one, is never told.
                        let is_refused = matches!(self.stage, Stage::Perform(Request::Stop(_)));
                        (!is_refused).then_some(Event::Call { call })
                    }
                },
                Stage::Perform(Request::Approve(call, reason)) => {
                    let event = Event::Approve { call: call.clone(), reason: *reason };
                    self.stage = Stage::Wait;
                    Some(event)
                }
                Stage::Perform(Request::Execute(call)) => {
                    let event = Event::Execute { call: call.clone() };
                    self.stage = Stage::Wait;
                    Some(event)
                }
                Stage::Wait => return Err(Error::OutOfTurn("the last event wants a reply first")),
                Stage::Perform(Request::Read { observation, failed }) => {
                    self.placeholder = if *failed { FAILED } else { ANSWERED };
                    let observation = std::mem::take(observation);
                    self.base = self.reader.len();
                    match self.line_up_observation(&observation)? {
                        true => self.stage = Stage::Observe,
                        false => self.happened(Happened::NoRoom),
                    }
                    None
                }
                Stage::Observe => {
                    self.happened(Happened::Read);
                    None
                }
                Stage::Foreign
                | Stage::Perform(
                    Request::Take | Request::TakePicked(_) | Request::Ask(_) | Request::Stop(_),
                )
                | Stage::Weigh
                | Stage::Done => None,
            };
            if event.is_some() {
                return Ok(event);
            }
        }
        Ok(None)
    }

    /// Whether the next unit of work needs a reply first.
    pub fn is_waiting(&self) -> bool {
        matches!(self.stage, Stage::Wait)
    }

    /// Takes the page's reply.
    pub fn reply(&mut self, reply: Reply) {
        if let Reply::Observation { text } = &reply {
            self.answers.remember(text);
        }
        self.happened(reply.into());
    }

    pub fn resume<C: Backend>(self, core: Rc<Core<C>>, pack: Rc<LoadedPack<C>>) -> Run<C> {
        Run {
            reader: self.reader.resume(core),
            pack,
            candidates: self.candidates,
            question: self.question,
            explains: self.explains,
            state: self.state,
            answers: self.answers,
            unread: self.unread,
            base: self.base,
            placeholder: self.placeholder,
            choice: self.choice,
            seen: self.seen,
            stage: self.stage,
        }
    }

    /// Takes the step; what it asks for comes next.
    fn happened(&mut self, happened: Happened) {
        let (state, request) = step(self.state.clone(), happened);
        (self.state, self.stage) = (state, Stage::Perform(request));
    }

    /// Tells the step of a tool; `asked` as in [`Happened::Chose`].
    fn chose(&mut self, tool: usize, asked: bool) {
        let read_only = self.pack.tools[tool].annotations.read_only_hint;
        self.happened(Happened::Chose { tool, read_only, asked });
    }

    /// Looks at the tool that is in doubt, if one is.
    fn consider(&mut self) -> Result<()> {
        if let Some(tool) = self.choice.in_doubt() {
            let document = document(&self.reader.core, &self.pack.tools[tool], &self.question)?;
            let start = self.reader.read_instead(self.seen.take(), document);
            self.stage = Stage::Look(Seen { tool, start });
        } else if self.choice.has_looked() {
            self.stage = Stage::Weigh;
        } else {
            self.decide();
        }
        Ok(())
    }

    /// Takes the tool that was chosen, or tells the step that there is doubt.
    fn decide(&mut self) {
        if self.choice.taken().is_some() && !self.choice.is_sure() {
            let candidates = self.choice.candidates(&self.pack, MAX_CANDIDATES);
            self.happened(Happened::Unsure { candidates });
        } else {
            self.stage = Stage::Perform(Request::Take);
        }
    }

    /// Takes the chosen tool, or none.
    fn take(&mut self) -> Result<Option<Event>> {
        let is_first = self.state.calls().is_empty();
        match self.choice.taken() {
            None => {
                self.happened(Happened::Declined);
                return Ok(is_first.then_some(Event::Abstain { reason: Abstained::NoTool }));
            }
            Some(tool) if is_first => self.chose(tool, true),
            Some(tool) => {
                // What came from elsewhere is forgotten: from here on the question speaks alone.
                self.reader.rewind(self.base);
                match self.line_up_observation(self.placeholder)? {
                    true => self.stage = Stage::Verify(tool),
                    false => self.happened(Happened::NoRoom),
                }
            }
        }
        Ok(None)
    }

    /// Takes the tool token and lines up the tool's document.
    fn begin(&mut self, tool: usize) -> Result<Event> {
        let seen = self.seen.take();
        let is_read = seen.is_some_and(|seen| seen.tool == tool);
        let mut tool = self.pack.tools[tool].clone();
        let event = Event::Tool { name: tool.name.clone() };
        self.answers.bind(&mut tool.parameters, &self.question);
        let begun =
            WrittenArguments::begin(&self.reader.core, &tool, &self.question, self.explains)?;
        let (mut arguments, document) = begun;
        if !is_read {
            self.reader.read_instead(seen, document);
        }
        if MAX_ARGUMENTS > self.reader.room() {
            self.happened(Happened::NoRoom);
            return Ok(event);
        }
        let beginning = arguments.beginning(&self.reader.core.checkpoint.tokenizer)?;
        self.reader.line_up(beginning);
        self.stage = Stage::Write(Box::new(arguments));
        Ok(event)
    }

    /// Lines up the end of the arguments and what the call gave; false when that doesn't fit.
    fn line_up_observation(&mut self, text: &str) -> Result<bool> {
        let tokenizer = &self.reader.core.checkpoint.tokenizer;
        let observation = prompt::observation(tokenizer, text)?;
        let tokens = [&self.unread[..], &observation].concat();
        let fits = tokens.len() <= self.reader.room();
        if fits {
            self.reader.line_up(tokens);
        }
        Ok(fits)
    }
}
