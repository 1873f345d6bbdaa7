//! `toolgen pack build`, `inspect` and `verify`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;
use toolgen::Result;
use toolgen::backend::cpu::Cpu;
use toolgen::generation::Grammar;
use toolgen::gguf::QuantizedMatrix;
use toolgen::model::Checkpoint;
use toolgen::prompt;
use toolgen::rows::at_run_time::with_trained_shortened;
use toolgen::rows::from_names::initial_rows;
use toolgen::tool::dataset::read_tools;
use toolgen::tool::{Tool, ToolPack};
use toolgen::training::data::hold_out::seen_in_training;
use toolgen::training::rows::states::states_of_texts;
use toolgen::virtualization::{IndexingKind, Special, TokenTable, indexing_of};

use crate::project::{self, ModelFiles};

#[derive(Subcommand)]
pub enum Pack {
    /// Make a pack of tool documents alone: rows by the checkpoint's document head, or else the means of
    /// the names' embeddings.
    Build(Build),
    /// Print what a pack holds.
    Inspect(File),
    /// Check a pack against the checkpoint: its base, and every tool's schema.
    Verify(File),
}

#[derive(Args)]
pub struct Build {
    /// The tools (JSON Lines).
    #[arg(long)]
    tools: PathBuf,
    /// Where to write the pack.
    #[arg(long)]
    out: PathBuf,
    /// How tools become tokens.
    #[arg(long, default_value = "atomic", value_parser = project::indexing_kinds())]
    indexing: IndexingKind,
    /// Tools (JSON Lines) that training has seen, but for the tenth that it holds out: they give way to tools that it
    /// has never seen, which they would outdo otherwise.
    #[arg(long, value_name = "TOOLS", num_args = 1..)]
    trained: Vec<PathBuf>,
    /// Where to keep the documents' hidden states: a second build reads the documents that have changed, and one that
    /// was interrupted goes on.
    #[arg(long)]
    cache: Option<PathBuf>,
    /// The seed of the hierarchical indexing's clusters.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Args)]
pub struct File {
    /// The tool pack; by default the project's own.
    #[arg(long)]
    pack: Option<PathBuf>,
}

impl Pack {
    pub fn run(self, model: &ModelFiles, json: bool) -> Result<()> {
        match self {
            Self::Build(options) => build(&options, model, json),
            Self::Inspect(file) => inspect(file, json),
            Self::Verify(file) => verify(file, model, json),
        }
    }
}

fn build(options: &Build, model: &ModelFiles, json: bool) -> Result<()> {
    let tools = read_tools(&options.tools)?;
    let known = options.trained.iter().map(|file| read_tools(file)).collect::<Result<Vec<_>>>()?;
    let trained = seen_in_training(&known.concat(), &tools);
    let checkpoint = model.load(Cpu)?;
    Grammar::new(&checkpoint.tokenizer)?.check(&tools)?;
    let pack = match options.indexing {
        IndexingKind::Atomic => {
            project::pack_of_documents(&checkpoint, tools, options.cache.as_deref())?
        }
        kind => from_sequences(&checkpoint, tools, kind, options)?,
    };
    let mut summary = json!({ "pack": options.out, "tools": pack.tools.len() });
    let pack = if options.trained.is_empty() {
        pack
    } else {
        summary["trained"] = trained.iter().filter(|trained| **trained).count().into();
        with_trained_shortened(&pack, &trained)?
    };
    summary["bytes"] = project::write_pack(&pack, &options.out)?.into();
    project::report(json, &summary);
    Ok(())
}

/// A pack of untrained rows of an indexing in which a tool is several tokens.
fn from_sequences(
    checkpoint: &Checkpoint<Cpu>,
    tools: Vec<Tool>,
    kind: IndexingKind,
    options: &Build,
) -> Result<ToolPack> {
    let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
    let decoder = &checkpoint.decoder;
    let states = || document_states(checkpoint, &tools, options.cache.as_deref());
    let indexing = indexing_of(kind, &checkpoint.tokenizer, &names, states, options.seed)?;
    let (tokens, width) = (indexing.tool_tokens(), decoder.config.hidden);
    let mut rows = pollster::block_on(initial_rows(checkpoint, &indexing.texts()))?;
    let embeddings = QuantizedMatrix::quantize_q8_0(tokens, width, &rows)?;
    let tokens = tokens + Special::COUNT;
    rows.resize(tokens * width, 0.0);
    Ok(ToolPack {
        model: checkpoint.id.clone(),
        indexing: kind,
        norm: decoder.output_norm.clone(),
        rows: QuantizedMatrix::quantize_q8_0(tokens, width, &rows)?,
        table: Some(TokenTable::new(indexing.sequences(), embeddings)?),
        temperature: 1.0,
        tools,
    })
}

/// The states that the tools' documents end in.
fn document_states(
    checkpoint: &Checkpoint<Cpu>,
    tools: &[Tool],
    cache: Option<&Path>,
) -> Result<Vec<Vec<f32>>> {
    let document = |tool| prompt::document(&checkpoint.tokenizer, tool);
    let documents = tools.iter().map(document).collect::<Result<Vec<_>>>()?;
    let states = states_of_texts(checkpoint, &documents, cache, |_| ())?;
    Ok(states.rows().map(<[f32]>::to_vec).collect())
}

fn inspect(file: File, json: bool) -> Result<()> {
    let pack = project::pack(file.pack)?;
    let names: Vec<&str> = pack.tools.iter().map(|tool| tool.name.as_str()).collect();
    let row_bytes = pack.rows.row_bytes();
    project::report(
        json,
        &json!({
            "indexing": pack.indexing.name(), "model": pack.model.to_string(), "rows": pack.rows.rows,
            "width": pack.rows.columns, "row_bytes": row_bytes, "tools": names,
        }),
    );
    Ok(())
}

fn verify(file: File, model: &ModelFiles, json: bool) -> Result<()> {
    let pack = project::pack(file.pack)?;
    let checkpoint = model.load(Cpu)?;
    pack.check_base(&checkpoint.id, checkpoint.decoder.config.hidden)?;
    Grammar::new(&checkpoint.tokenizer)?.check(&pack.tools)?;
    project::report(json, &json!({ "valid": true, "tools": pack.tools.len() }));
    Ok(())
}
