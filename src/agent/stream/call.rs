//! A question's tool and its arguments; nothing is carried out.

use std::rc::Rc;

use crate::Result;
use crate::agent::event::{Abstained, Event};
use crate::agent::loaded::{
    Candidates, Core, LoadedPack, MAX_ARGUMENTS, MAX_DOCUMENT, MAX_QUESTION,
};
use crate::agent::look::{Choice, look};
use crate::agent::reader::{Reader, Reading, Seen};
use crate::agent::written::{WrittenArguments, Wrote, document};
use crate::backend::Backend;
use crate::conversation::Question;
use crate::language::is_english;
use crate::virtualization::Special;

/// A call on its way.
pub(in crate::agent) struct Call<B: Backend> {
    reader: Reader<B>,
    pack: Rc<LoadedPack<B>>,
    candidates: Candidates,
    question: Question,
    /// Whether tokens of arguments are told.
    pub explains: bool,
    /// Whether a tool is called even where none fits.
    pub required: bool,
    stage: Stage,
}

enum Stage {
    /// The question is in another language.
    Foreign,
    /// The tools are ranked after the question.
    Rank,
    /// The ranking is told; what is in doubt is looked at next.
    Choose {
        choice: Choice,
        seen: Option<Seen>,
    },
    /// A tool's document is read, then it is looked at.
    Look {
        choice: Choice,
        seen: Seen,
    },
    /// What looks have come to is told; the tool token comes next, or the one that says that none fits.
    Take {
        choice: Choice,
        seen: Option<Seen>,
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
        Ok(Self { reader, pack, candidates, question, explains: false, required: false, stage })
    }

    pub async fn next(&mut self) -> Result<Option<Event>> {
        loop {
            let event = match &self.stage {
                Stage::Done => return Ok(None),
                Stage::Foreign if self.required => {
                    self.stage = Stage::Rank;
                    None
                }
                Stage::Foreign => {
                    self.stage = Stage::Done;
                    Some(Event::Abstain { reason: Abstained::Language })
                }
                Stage::Choose { choice, seen } => self.choose(choice.clone(), *seen)?,
                Stage::Take { choice, seen } => Some(self.take(choice.taken(), *seen)?),
                Stage::Rank | Stage::Look { .. } | Stage::Write(_) => self.read().await?,
            };
            if event.is_some() {
                return Ok(event);
            }
        }
    }

    /// Looks at the tool that is in doubt, or says what looks have made of the ranking.
    fn choose(&mut self, choice: Choice, seen: Option<Seen>) -> Result<Option<Event>> {
        let Some(tool) = choice.in_doubt() else {
            let event = choice.event(&self.pack, self.candidates.top_k);
            let event = choice.has_looked().then_some(event);
            self.stage = Stage::Take { choice, seen };
            return Ok(event);
        };
        let document = document(&self.reader.core, &self.pack.tools[tool], &self.question)?;
        let start = self.reader.read_instead(seen, document);
        self.stage = Stage::Look { choice, seen: Seen { tool, start } };
        Ok(None)
    }

    /// Takes the token of `tool`, or the one that says that none fits, and has the tool's document read if it isn't.
    fn take(&mut self, tool: Option<usize>, seen: Option<Seen>) -> Result<Event> {
        let Some(place) = tool else {
            self.stage = Stage::Done;
            return Ok(Event::Abstain { reason: Abstained::NoTool });
        };
        let tool = &self.pack.tools[place];
        let begun =
            WrittenArguments::begin(&self.reader.core, tool, &self.question, self.explains)?;
        let (mut arguments, document) = begun;
        if seen.is_none_or(|seen| seen.tool != place) {
            self.reader.read_instead(seen, document);
        }
        let beginning = arguments.beginning(&self.reader.core.checkpoint.tokenizer)?;
        self.reader.line_up(beginning);
        self.stage = Stage::Write(Box::new(arguments));
        Ok(Event::Tool { name: tool.name.clone() })
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
                let ranking = position.rank(&self.pack, &self.candidates, Special::Abstain).await?;
                let mut choice = Choice::of(position.core, ranking);
                if self.required {
                    choice = choice.required();
                }
                let event = choice.event(&self.pack, self.candidates.top_k);
                (event, Stage::Choose { choice, seen: None })
            }
            Stage::Look { choice, seen } => {
                let (mut choice, seen) = (choice.clone(), *seen);
                let probability = look(&position).await?;
                choice.looked(probability);
                let name = self.pack.tools[seen.tool].name.clone();
                let next = Stage::Choose { choice, seen: Some(seen) };
                (Event::Look { name, probability }, next)
            }
            Stage::Write(arguments) => match arguments.write(&position).await? {
                Wrote::Part { text, tokens, read } => {
                    self.reader.line_up(read);
                    return Ok(Event::of_arguments(text, tokens));
                }
                Wrote::Call { call, lacks, .. } => match lacks.is_empty() {
                    true => (Event::Call { call }, Stage::Done),
                    false => (Event::Ask { call, parameters: lacks }, Stage::Done),
                },
            },
            Stage::Foreign | Stage::Choose { .. } | Stage::Take { .. } | Stage::Done => {
                return Ok(None);
            }
        };
        self.stage = next;
        Ok(Some(event))
    }

    pub fn resume<C: Backend>(self, core: Rc<Core<C>>, pack: Rc<LoadedPack<C>>) -> Call<C> {
        let Self { reader, candidates, question, explains, required, stage, .. } = self;
        Call { reader: reader.resume(core), pack, candidates, question, explains, required, stage }
    }
}
