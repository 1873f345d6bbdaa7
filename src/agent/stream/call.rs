//! A question's tool and its arguments; nothing is carried out.

use std::rc::Rc;

use crate::Result;
use crate::agent::event::{Abstained, Event};
use crate::agent::loaded::{
    Candidates, Core, LoadedPack, MAX_ARGUMENTS, MAX_DOCUMENT, MAX_QUESTION,
};
use crate::agent::look::{Choice, look};
use crate::agent::reader::{Reader, Reading};
use crate::agent::written::{WrittenArguments, Wrote, document};
use crate::backend::Backend;
use crate::conversation::Question;
use crate::generation::second_look::fits;
use crate::language::is_english;
use crate::virtualization::Special;

/// A call on its way.
pub(in crate::agent) struct Call<B: Backend> {
    reader: Reader<B>,
    pack: Rc<LoadedPack<B>>,
    candidates: Candidates,
    question: Question,
    stage: Stage,
}

enum Stage {
    /// The question is in another language.
    Foreign,
    /// The tools are ranked after the question.
    Rank,
    /// The ranking is told; the tool token comes next, or the one that says that none fits.
    Choose(Choice),
    /// A tool's document is read from token `start` on, then looked at.
    Look {
        tool: usize,
        start: usize,
        choice: Choice,
    },
    /// The tool is settled, and its document read.
    Settled {
        tool: usize,
    },
    /// The tool's document is read, then its arguments are written.
    Write(Box<WrittenArguments>),
    Done,
}

impl<B: Backend> Call<B> {
    pub fn new(
        core: Rc<Core<B>>,
        question: Question,
        pack: Rc<LoadedPack<B>>,
        candidates: Candidates,
    ) -> Result<Self> {
        let prompt = core.question(&question)?;
        let capacity = prompt.len().max(MAX_QUESTION) + MAX_DOCUMENT + MAX_ARGUMENTS;
        let reader = Reader::new(core, prompt, capacity);
        let stage = if is_english(&question.text) { Stage::Rank } else { Stage::Foreign };
        Ok(Self { reader, pack, candidates, question, stage })
    }

    pub async fn next(&mut self) -> Result<Option<Event>> {
        loop {
            let event = match &self.stage {
                Stage::Done => return Ok(None),
                Stage::Foreign => {
                    self.stage = Stage::Done;
                    Some(Event::Abstain { reason: Abstained::Language })
                }
                Stage::Choose(choice) => self.choose(choice.clone())?,
                &Stage::Settled { tool } => Some(self.settle(tool)?.0),
                Stage::Rank | Stage::Look { .. } | Stage::Write(_) => self.read().await?,
            };
            if event.is_some() {
                return Ok(event);
            }
        }
    }

    /// Takes the next tool's token.
    fn choose(&mut self, mut choice: Choice) -> Result<Option<Event>> {
        let Some(tool) = choice.next() else {
            self.stage = Stage::Done;
            return Ok(Some(Event::Abstain { reason: Abstained::NoTool }));
        };
        if choice.needs_look {
            let (core, start) = (&self.reader.core, self.reader.len());
            let document = document(core, &self.pack.tools[tool], &self.question)?;
            self.reader.line_up(document);
            self.stage = Stage::Look { tool, start, choice };
            return Ok(None);
        }
        let (event, document) = self.settle(tool)?;
        self.reader.line_up(document);
        Ok(Some(event))
    }

    /// Begins the arguments of `tool`, and returns its document, which is to be read before them.
    fn settle(&mut self, tool: usize) -> Result<(Event, Vec<u32>)> {
        let tool = &self.pack.tools[tool];
        let begun = WrittenArguments::begin(&self.reader.core, tool, &self.question)?;
        self.stage = Stage::Write(Box::new(begun.0));
        Ok((Event::Tool { name: tool.name.clone() }, begun.1))
    }

    /// Reads a chunk, or does what comes after the last.
    async fn read(&mut self) -> Result<Option<Event>> {
        let is_writing = matches!(&self.stage, Stage::Write(arguments) if arguments.has_begun());
        let mut position = match self.reader.advance()? {
            Reading::Chunk(event) => return Ok((!is_writing).then_some(event)),
            Reading::Done(position) => position,
        };
        // The stage is changed last: where a device was lost, it is taken up again.
        let (event, next) = match &mut self.stage {
            Stage::Rank => {
                let ranking = position.rank(&self.pack, &self.candidates, Special::Abstain);
                let (ranking, event) = ranking.await?;
                (event, Stage::Choose(Choice::of(&ranking, position.core.is_trained_to_ask())))
            }
            Stage::Look { tool, start, choice } => {
                let (tool, start, probability) = (*tool, *start, look(&position).await?);
                let next = match fits(probability) {
                    true => Stage::Settled { tool },
                    false => Stage::Choose(choice.clone()),
                };
                if !fits(probability) {
                    self.reader.rewind(start);
                }
                let name = self.pack.tools[tool].name.clone();
                (Event::Look { name, probability }, next)
            }
            Stage::Write(arguments) => match arguments.write(&position).await? {
                Wrote::Part { text, read } => {
                    self.reader.line_up(read);
                    return Ok((!text.is_empty()).then_some(Event::Arguments { text }));
                }
                Wrote::Call { call, lacks, .. } => match lacks.is_empty() {
                    true => (Event::Call { call }, Stage::Done),
                    false => (Event::Ask { call, parameters: lacks }, Stage::Done),
                },
            },
            Stage::Foreign | Stage::Choose(_) | Stage::Settled { .. } | Stage::Done => {
                return Ok(None);
            }
        };
        self.stage = next;
        Ok(Some(event))
    }

    pub fn resume<C: Backend>(self, core: Rc<Core<C>>, pack: Rc<LoadedPack<C>>) -> Call<C> {
        let Self { reader, candidates, question, stage, .. } = self;
        Call { reader: reader.resume(core), pack, candidates, question, stage }
    }
}
