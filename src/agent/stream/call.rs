//! A question's tool and its arguments; nothing is carried out.

use std::rc::Rc;

use crate::Result;
use crate::agent::event::Event;
use crate::agent::loaded::{Candidates, Core, LoadedPack, MAX_QUESTION};
use crate::agent::reader::{Reader, Reading};
use crate::agent::written::{MAX_ARGUMENTS, MAX_DOCUMENT, WrittenArguments, Wrote};
use crate::backend::Backend;
use crate::schema::Grounding;
use crate::virtualization::Special;

/// A call on its way.
pub(in crate::agent) struct Call<B: Backend> {
    reader: Reader<B>,
    pack: Rc<LoadedPack<B>>,
    candidates: Candidates,
    question: String,
    stage: Stage,
}

enum Stage {
    /// The tools are ranked after the question.
    Rank,
    /// The ranking is told; the tool token comes next, or the one that says that none fits.
    Choose(Option<usize>),
    /// The tool's document is read, then its arguments are written.
    Write(Box<WrittenArguments>),
    Done,
}

impl<B: Backend> Call<B> {
    pub fn new(
        core: Rc<Core<B>>,
        question: &str,
        pack: Rc<LoadedPack<B>>,
        candidates: Candidates,
    ) -> Result<Self> {
        let prompt = core.question(question)?;
        let reader = Reader::new(core, prompt, MAX_QUESTION + MAX_DOCUMENT + MAX_ARGUMENTS);
        Ok(Self { reader, pack, candidates, question: question.trim().into(), stage: Stage::Rank })
    }

    pub async fn next(&mut self) -> Result<Option<Event>> {
        loop {
            let is_writing =
                matches!(&self.stage, Stage::Write(arguments) if arguments.has_begun());
            let mut position = match self.reader.advance()? {
                Reading::Chunk(_) if is_writing => continue,
                Reading::Chunk(event) => return Ok(Some(event)),
                Reading::Done(position) => position,
            };
            // The stage is changed last: where a device was lost, it is taken up again.
            let (event, next) = match &mut self.stage {
                Stage::Rank => {
                    let ranking = position.rank(&self.pack, &self.candidates, Special::Abstain);
                    let (ranking, event) = ranking.await?;
                    (event, Stage::Choose(ranking.choice()))
                }
                Stage::Choose(None) => (Event::Abstain, Stage::Done),
                Stage::Choose(Some(tool)) => {
                    let tool = &self.pack.tools[*tool];
                    let question = Grounding::new(&self.question);
                    let begun = WrittenArguments::begin(position.core, tool, &question)?;
                    let (arguments, document) = begun;
                    self.reader.line_up(document);
                    (Event::Tool { name: tool.name.clone() }, Stage::Write(Box::new(arguments)))
                }
                Stage::Write(arguments) => match arguments.write(&position).await? {
                    Wrote::Part { text, read } => {
                        self.reader.line_up(read);
                        match text.is_empty() {
                            true => continue,
                            false => return Ok(Some(Event::Arguments { text })),
                        }
                    }
                    Wrote::Call { call, .. } => (Event::Call { call }, Stage::Done),
                },
                Stage::Done => return Ok(None),
            };
            self.stage = next;
            return Ok(Some(event));
        }
    }

    pub fn resume<C: Backend>(self, core: Rc<Core<C>>, pack: Rc<LoadedPack<C>>) -> Call<C> {
        let Self { reader, candidates, question, stage, .. } = self;
        Call { reader: reader.resume(core), pack, candidates, question, stage }
    }
}
