//! A question answered with calls that the page carries out, until [`step`] ends it.

use std::rc::Rc;

use crate::agent::answers::Answers;
use crate::agent::event::Event;
use crate::agent::loaded::{Candidates, Core, LoadedPack, MAX_QUESTION};
use crate::agent::reader::{Reader, Reading};
use crate::agent::reply::Reply;
use crate::agent::step::{ANSWERED, FAILED, Happened, Request, State, step};
use crate::agent::written::{MAX_ARGUMENTS, MAX_DOCUMENT, WrittenArguments, Wrote};
use crate::backend::Backend;
use crate::schema::Grounding;
use crate::virtualization::Special;
use crate::{Error, Result, prompt};

/// A run between two units of work.
pub(in crate::agent) struct Run<B: Backend> {
    reader: Reader<B>,
    pack: Rc<LoadedPack<B>>,
    candidates: Candidates,
    question: String,
    state: State,
    answers: Answers,
    /// The end of the last call's arguments, which the decoder has yet to read.
    unread: Vec<u32>,
    /// Tokens before them.
    base: usize,
    /// What is read in the last observation's place to see where the question leads without its text.
    placeholder: &'static str,
    stage: Stage,
}

enum Stage {
    /// What the step asks for comes next.
    Perform(Request),
    /// The ranking is told; next comes the tool, or the end.
    Choose(Option<usize>),
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
        question: &str,
        pack: Rc<LoadedPack<B>>,
        candidates: Candidates,
        max_steps: usize,
    ) -> Result<Self> {
        let prompt = core.question(question)?;
        let reader = Reader::new(core, prompt, MAX_QUESTION + MAX_DOCUMENT + MAX_ARGUMENTS);
        Ok(Self {
            reader,
            pack,
            candidates,
            question: question.trim().into(),
            state: State::new(max_steps),
            answers: Answers::default(),
            unread: Vec::new(),
            base: 0,
            placeholder: ANSWERED,
            stage: Stage::Perform(Request::Choose),
        })
    }

    pub async fn next(&mut self) -> Result<Option<Event>> {
        while !matches!(self.stage, Stage::Done) {
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
                    let ranking = position.rank(&self.pack, &self.candidates, special);
                    let (ranking, event) = ranking.await?;
                    self.stage = Stage::Choose(ranking.choice());
                    Some(event)
                }
                Stage::Choose(None) => {
                    self.happened(Happened::Declined);
                    is_first.then_some(Event::Abstain)
                }
                &mut Stage::Choose(Some(tool)) if is_first => self.chose(tool, true),
                &mut Stage::Choose(Some(tool)) => {
                    // What came from elsewhere is forgotten: from here on the question speaks alone.
                    self.reader.rewind(self.base);
                    match self.line_up_observation(self.placeholder)? {
                        true => self.stage = Stage::Verify(tool),
                        false => self.happened(Happened::NoRoom),
                    }
                    None
                }
                &mut Stage::Verify(tool) => {
                    let ranking = position.rank(&self.pack, &self.candidates, Special::Finish);
                    let (ranking, _) = ranking.await?;
                    self.chose(tool, ranking.choice() == Some(tool))
                }
                &mut Stage::Perform(Request::Write { tool }) => Some(self.begin(tool)?),
                Stage::Write(arguments) => match arguments.write(&position).await? {
                    Wrote::Part { text, read } => {
                        self.reader.line_up(read);
                        (!text.is_empty()).then_some(Event::Arguments { text })
                    }
                    Wrote::Call { call, unread } => {
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
                Stage::Perform(Request::Stop(end)) => {
                    let event = Event::End { end: end.clone(), calls: self.state.calls().to_vec() };
                    self.stage = Stage::Done;
                    Some(event)
                }
                Stage::Done => None,
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
            state: self.state,
            answers: self.answers,
            unread: self.unread,
            base: self.base,
            placeholder: self.placeholder,
            stage: self.stage,
        }
    }

    /// Takes the step; what it asks for comes next.
    fn happened(&mut self, happened: Happened) {
        let (state, request) = step(self.state.clone(), happened);
        (self.state, self.stage) = (state, Stage::Perform(request));
    }

    /// Tells the step of a tool; `asked` as in [`Happened::Chose`].
    fn chose(&mut self, tool: usize, asked: bool) -> Option<Event> {
        let read_only = self.pack.tools[tool].annotations.read_only_hint;
        self.happened(Happened::Chose { tool, read_only, asked });
        None
    }

    /// Takes the tool token and lines up the tool's document, unless the question lacks something.
    fn begin(&mut self, tool: usize) -> Result<Event> {
        let mut tool = self.pack.tools[tool].clone();
        let event = Event::Tool { name: tool.name.clone() };
        let question = Grounding::new(&self.question);
        let parameters = self.answers.bind(&mut tool.parameters, &question);
        if !parameters.is_empty() {
            self.happened(Happened::Lacks { tool: tool.name, parameters });
            return Ok(event);
        }
        let (arguments, document) = WrittenArguments::begin(&self.reader.core, &tool, &question)?;
        if document.len() + MAX_ARGUMENTS > self.reader.room() {
            self.happened(Happened::NoRoom);
            return Ok(event);
        }
        self.reader.line_up(document);
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
