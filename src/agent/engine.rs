//! A checkpoint with a tool pack, ready to be asked.

use std::cell::OnceCell;
use std::rc::Rc;

use super::lessons::Lessons;
use super::loaded::{Candidates, Core, LoadedPack, MAX_ARGUMENTS};
use super::step::ANSWERED;
use super::stream::{Call, Completion, Driver, Retrieval, Run, Stream};
use super::sure::Unsure;
use super::written::document;
use crate::backend::Backend;
use crate::conversation::Question;
use crate::model::Checkpoint;
use crate::retrieval::ToolHead;
use crate::tool::{Tool, ToolPack};
use crate::{Error, Result};

/// Answers questions with tool calls.
pub struct Engine<B: Backend> {
    pub(super) core: Rc<Core<B>>,
    /// As it was loaded and as documents made its rows, before any example.
    pub(super) untaught: Option<Rc<LoadedPack<B>>>,
    pub(super) lessons: Lessons,
    /// The pack with its rows moved towards the examples, once it is asked.
    taught: OnceCell<Rc<LoadedPack<B>>>,
}

impl<B: Backend> Engine<B> {
    /// An engine without tools yet.
    pub fn new(checkpoint: Checkpoint<B>) -> Result<Self> {
        let core = Rc::new(Core::new(checkpoint)?);
        Ok(Self { core, untaught: None, lessons: Lessons::default(), taught: OnceCell::new() })
    }

    /// The loaded checkpoint.
    pub fn checkpoint(&self) -> &Checkpoint<B> {
        &self.core.checkpoint
    }

    /// Takes a tool pack in place of the one before and of what that was taught. One for another checkpoint is refused
    /// and the one before stays. A schema that can't be held is refused when its tool is called.
    pub fn load_pack(&mut self, pack: ToolPack) -> Result<()> {
        let pack = self.loaded(pack)?;
        self.change(Some(pack), Lessons::default());
        Ok(())
    }

    /// The pack that is asked: with its rows as examples moved them, if there are any.
    pub fn pack(&self) -> Result<&Rc<LoadedPack<B>>> {
        let untaught = self.untaught()?;
        if self.lessons.is_empty() {
            return Ok(untaught);
        }
        if let Some(taught) = self.taught.get() {
            return Ok(taught);
        }
        let fitted = self.lessons.fit(untaught, self.core.document_head()?)?;
        let fitted = self.loaded(fitted)?;
        Ok(self.taught.get_or_init(|| fitted))
    }

    /// The tools.
    pub fn tools(&self) -> Result<&[Tool]> {
        Ok(&self.untaught()?.tools)
    }

    pub(super) fn untaught(&self) -> Result<&Rc<LoadedPack<B>>> {
        self.untaught.as_ref().ok_or(Error::NoPack)
    }

    pub(super) fn loaded(&self, pack: ToolPack) -> Result<Rc<LoadedPack<B>>> {
        let decoder = &self.core.checkpoint.decoder;
        pack.check_base(&self.core.checkpoint.id, decoder.config.hidden)?;
        let head = ToolHead::new(&decoder.backend, &pack)?;
        Ok(Rc::new(LoadedPack { pack, head }))
    }

    pub(super) fn change(&mut self, untaught: Option<Rc<LoadedPack<B>>>, lessons: Lessons) {
        (self.untaught, self.lessons, self.taught) = (untaught, lessons, OnceCell::new());
    }

    /// Ranks the tools for a question: prefill events, then a ranking of `top_k`.
    pub fn retrieve(&self, question: impl Into<Question>, top_k: usize) -> Result<Stream<B>> {
        let (core, pack) = (self.core.clone(), self.pack()?.clone());
        let candidates = Candidates::of(&pack, None, top_k)?;
        let prompt = core.question(&question.into())?;
        Ok(Driver::Retrieval(Retrieval::new(core, prompt, pack, candidates)).into())
    }

    /// Answers a question with a call: prefill events, a ranking of `top_k`, the tool, its
    /// arguments as they grow, and the call, or what must be asked for before there is one.
    pub fn call(&self, question: impl Into<Question>, top_k: usize) -> Result<Stream<B>> {
        self.call_among(question, top_k, None)
    }

    /// As [`Self::call`], with a choice among the tools of these names alone.
    pub fn call_among(
        &self,
        question: impl Into<Question>,
        top_k: usize,
        names: Option<&[String]>,
    ) -> Result<Stream<B>> {
        let pack = self.pack()?.clone();
        let candidates = Candidates::of(&pack, names, top_k)?;
        Ok(Driver::Call(Call::new(self.core.clone(), question.into(), pack, candidates)?).into())
    }

    /// Answers a question with at most `max_steps` calls: the events of [`Self::call`], then
    /// [`Event::Approve`](super::Event::Approve) and [`Event::Execute`](super::Event::Execute), to which the
    /// stream wants a [`Stream::reply`], and so on until [`Event::End`](super::Event::End). Of turns before, what their
    /// calls gave is not read: a tool that it led to would be carried out.
    pub fn run(
        &self,
        question: impl Into<Question>,
        top_k: usize,
        max_steps: usize,
        names: Option<&[String]>,
    ) -> Result<Stream<B>> {
        self.run_when(question, top_k, max_steps, names, Unsure::Call)
    }

    /// As [`Self::run`], which calls at any probability, with what else is done where the model is not sure of a
    /// tool: [`Event::Choose`](super::Event::Choose) wants a [`Stream::reply`], too.
    pub fn run_when(
        &self,
        question: impl Into<Question>,
        top_k: usize,
        max_steps: usize,
        names: Option<&[String]>,
        unsure: Unsure,
    ) -> Result<Stream<B>> {
        let pack = self.pack()?.clone();
        let candidates = Candidates::of(&pack, names, top_k)?;
        let question = question.into().with_observations_as(ANSWERED);
        let run = Run::new(self.core.clone(), question, pack, candidates, max_steps, unsure)?;
        Ok(Driver::Run(Box::new(run)).into())
    }

    /// Continues a raw text greedily: prefill events, then at most `max_tokens` tokens.
    pub fn complete(&self, text: &str, max_tokens: usize) -> Result<Stream<B>> {
        let prompt = self.core.raw_text(text, max_tokens)?;
        Ok(Driver::Completion(Completion::new(self.core.clone(), prompt, max_tokens)).into())
    }

    /// Writes what follows a question and a tool's document, as [`Self::call`] would but without the grammar: nothing holds
    /// the text to be JSON, or to fit the tool's schema. At most `max_tokens` tokens, and what ends the arguments is up
    /// to who reads them.
    pub fn complete_arguments(
        &self,
        question: impl Into<Question>,
        tool: &str,
        max_tokens: usize,
    ) -> Result<Stream<B>> {
        let question = question.into();
        let unknown =
            || Error::Option { name: "tool", reason: format!("there is no tool `{tool}`") };
        let tool = self.tools()?.iter().find(|other| other.name == tool).ok_or_else(unknown)?;
        let mut prompt = self.core.question(&question)?;
        prompt.extend(document(&self.core, tool, &question)?);
        let max_tokens = max_tokens.min(MAX_ARGUMENTS);
        Ok(Driver::Completion(Completion::new(self.core.clone(), prompt, max_tokens)).into())
    }

    /// Goes on with a stream of another engine with the same checkpoint and pack, whose device was lost: what was
    /// read is read again, and what was generated stands.
    ///
    /// # Errors
    /// [`Error::NoPack`] when this engine has no pack and the stream needs one.
    pub fn resume<A: Backend>(&self, stream: Stream<A>) -> Result<Stream<B>> {
        let core = self.core.clone();
        Ok(Stream::from(match stream.0 {
            Driver::Retrieval(it) => Driver::Retrieval(it.resume(core, self.pack()?.clone())),
            Driver::Completion(it) => Driver::Completion(it.resume(core)),
            Driver::Call(it) => Driver::Call(it.resume(core, self.pack()?.clone())),
            Driver::Run(it) => Driver::Run(Box::new(it.resume(core, self.pack()?.clone()))),
            Driver::Ended => Driver::Ended,
        }))
    }
}
