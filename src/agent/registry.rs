//! Tools that come and go while the engine lives: rows from documents, examples, likeness.

use std::rc::Rc;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::engine::Engine;
use super::lessons::Taught;
use super::loaded::Core;
use super::written::document;
use crate::backend::Backend;
use crate::model::DocumentHead;
use crate::prompt;
use crate::rows::at_run_time;
use crate::rows::from_documents::{document_rows, pack_of_rows};
use crate::schema;
use crate::tool::{Tool, ToolPack};
use crate::{Error, Result};

/// Two tools that the model may mix up.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Similar {
    /// Their names.
    pub tools: [String; 2],
    /// The cosine of their rows: 1 for documents that read the same to the model.
    pub similarity: f32,
}

/// Makes rows while the engine is free for other things.
pub struct RowMaker<B: Backend>(Rc<Core<B>>);

impl<B: Backend> RowMaker<B> {
    /// The row of a tool's document, `[d]`.
    pub async fn row(&self, tool: &Tool) -> Result<Vec<f32>> {
        let checkpoint = &self.0.checkpoint;
        document_rows(checkpoint, self.0.document_head()?, std::slice::from_ref(tool), |_| ()).await
    }

    /// The state of a question and its own row, `[d]` each: what an example is made of.
    pub async fn example(&self, question: &str) -> Result<(Vec<f32>, Vec<f32>)> {
        let checkpoint = &self.0.checkpoint;
        let decoder = &checkpoint.decoder;
        let tokens = self.0.question(&question.into())?;
        let mut sequence = decoder.sequence(tokens.len());
        let x = decoder.forward(&tokens, &mut sequence)?; // [1, d]
        let epsilon = decoder.config.rms_epsilon;
        let row = self.0.document_head()?.row(&decoder.backend, &x, epsilon).await?;
        let mut state = decoder.backend.read(&x).await?;
        let mean = state.iter().map(|x| x * x).sum::<f32>() / state.len() as f32;
        let scale = 1.0 / (mean + epsilon).sqrt();
        state.iter_mut().for_each(|x| *x *= scale);
        Ok((state, row))
    }
}

impl<B: Backend> Core<B> {
    pub(super) fn document_head(&self) -> Result<&DocumentHead<B>> {
        self.checkpoint.document_head.as_ref().ok_or_else(|| {
            Error::pack("rows", "the checkpoint has no document head to make them of documents")
        })
    }
}

impl<B: Backend> Engine<B> {
    /// What makes rows.
    pub fn row_maker(&self) -> RowMaker<B> {
        RowMaker(self.core.clone())
    }

    /// A name for a tool's row: the SHA-256 of the model's and of the tokens that the row is computed from.
    /// Rows with the same name are the same.
    pub fn document_key(&self, tool: &Tool) -> Result<String> {
        let checkpoint = &self.core.checkpoint;
        let mut hash = Sha256::new();
        hash.update(checkpoint.id.to_string());
        let document = prompt::document(&checkpoint.tokenizer, tool)?;
        document.iter().for_each(|token| hash.update(token.to_le_bytes()));
        Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The tool as it can be called: with its schema [flattened](schema::flattened()), or narrowed where the grammar
    /// doesn't hold it in full, and then what was left out of it. Fails where even that can't be held, where its document
    /// doesn't fit however short, and when the name is empty.
    pub fn callable(&self, tool: &Tool) -> Result<(Tool, Vec<String>)> {
        if tool.name.trim().is_empty() {
            let (path, reason) = ("name".into(), "is empty".into());
            return Err(Error::Schema { tool: tool.name.clone(), path, reason });
        }
        let grammar = &self.core.grammar;
        let with = |parameters| Tool { parameters, ..tool.clone() };
        let error = match (grammar.arguments(tool, None), schema::flattened(&tool.parameters)) {
            (Ok(_), Ok(parameters)) => {
                let flat = with(parameters);
                document(&self.core, &flat, &"".into())?;
                return Ok((flat, Vec::new()));
            }
            (Ok(_), Err(unsupported)) => {
                let (path, reason) = ("parameters".into(), unsupported.to_string());
                Error::Schema { tool: tool.name.clone(), path, reason }
            }
            (Err(error), _) => error,
        };
        let Ok((parameters, left_out)) = schema::narrow(&tool.parameters) else {
            return Err(error);
        };
        let narrowed = with(parameters);
        grammar.arguments(&narrowed, None).map_err(|_| error)?;
        document(&self.core, &narrowed, &"".into())?;
        Ok((narrowed, left_out))
    }

    /// Whether there is a tool of this name whose document reads the same: its row is the same, too.
    pub fn has_row(&self, tool: &Tool) -> Result<bool> {
        let pack = self.untaught.as_ref();
        let namesake = pack.and_then(|pack| pack.tools.iter().find(|t| t.name == tool.name));
        let Some(namesake) = namesake else { return Ok(false) };
        let tokenizer = &self.core.checkpoint.tokenizer;
        Ok(prompt::document(tokenizer, namesake)? == prompt::document(tokenizer, tool)?)
    }

    /// Takes what else there is to tools that [have rows](Self::has_row), such as their schemas and annotations.
    pub fn update_tools(&mut self, tools: &[Tool]) -> Result<()> {
        let Some(pack) = &self.untaught else { return Ok(()) };
        let next = at_run_time::with_documents(pack, tools);
        self.replace(next)
    }

    /// Takes tools with the rows that a [`RowMaker`] made, `[tools, d]`, beside those that are there; one takes
    /// the place of its namesake.
    pub fn add_tools(&mut self, tools: &[Tool], rows: &[f32]) -> Result<()> {
        let core = self.core.clone();
        let head = core.document_head()?;
        let next = match &self.untaught {
            Some(pack) => at_run_time::with_tools(pack, head, tools, rows)?,
            None => {
                let none = pack_of_rows(&core.checkpoint.id, head, Vec::new(), &[])?;
                at_run_time::with_tools(&none, head, tools, rows)?
            }
        };
        self.replace(next)
    }

    /// Lets tools go, with what they were taught; unknown names are passed over. Without any tool left there is no pack.
    pub fn remove_tools(&mut self, names: &[String]) -> Result<()> {
        let Some(pack) = &self.untaught else { return Ok(()) };
        let next = at_run_time::without_tools(pack, names)?;
        self.replace(next)?;
        self.lessons.forget(names);
        Ok(())
    }

    /// Pairs of tools whose documents are alike, most alike first; with `names`, pairs that one of these is in.
    pub fn similar(&self, names: Option<&[String]>, least: f32) -> Result<Vec<Similar>> {
        let pack = self.untaught()?;
        let place = |name: &String| pack.tools.iter().position(|tool| tool.name == *name);
        let of: Option<Vec<usize>> = names.map(|names| names.iter().filter_map(place).collect());
        let pairs = at_run_time::similar(pack, self.core.document_head()?, of.as_deref(), least)?;
        let name = |tool: usize| pack.tools[tool].name.clone();
        let named = |(a, b, similarity)| Similar { tools: [name(a), name(b)], similarity };
        Ok(pairs.into_iter().map(named).collect())
    }

    /// Moves rows towards examples, and towards all that were taught before.
    pub fn teach(&mut self, examples: Vec<Taught>) -> Result<()> {
        let pack = self.untaught()?.clone();
        let lessons = self.lessons.with(examples, &pack, self.core.document_head()?)?;
        self.change(Some(pack), lessons);
        Ok(())
    }

    /// Takes other tools, without what they were taught; that is kept.
    fn replace(&mut self, untaught: ToolPack) -> Result<()> {
        let untaught = if untaught.tools.is_empty() { None } else { Some(self.loaded(untaught)?) };
        let lessons = std::mem::take(&mut self.lessons);
        self.change(untaught, lessons);
        Ok(())
    }
}
