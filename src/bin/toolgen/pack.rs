//! `toolgen pack build`, `inspect` and `verify`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;
use toolgen::Result;
use toolgen::backend::cpu::Cpu;
use toolgen::generation::Grammar;
use toolgen::gguf::QuantizedMatrix;
use toolgen::model::{Checkpoint, file};
use toolgen::prompt;
use toolgen::rows::at_run_time::with_trained_shortened;
use toolgen::rows::from_documents::{pack_of_documents, pack_of_names, pack_of_rows};
use toolgen::rows::from_names::initial_rows;
use toolgen::tool::dataset::read_tools;
use toolgen::tool::{Tool, ToolPack};
use toolgen::training::autograd::Autograd;
use toolgen::training::data::mixture::Mixture;
use toolgen::training::rows::from_documents::document_rows;
use toolgen::virtualization::{IndexingKind, Special, TokenTable, indexing_of};

use crate::project;
use crate::train::stages::keep_memory;

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
    /// A training mixture (JSON): tools that it chooses among give way to those that training has never seen,
    /// which they would outdo otherwise.
    #[arg(long, value_name = "MIXTURE")]
    trained: Option<PathBuf>,
    /// Where to keep the documents' hidden states, so that a second build takes seconds.
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
    pub fn run(self, checkpoint: Option<PathBuf>, json: bool) -> Result<()> {
        match self {
            Self::Build(options) => build(&options, checkpoint, json),
            Self::Inspect(file) => inspect(file, json),
            Self::Verify(file) => verify(file, checkpoint, json),
        }
    }
}

fn build(options: &Build, checkpoint: Option<PathBuf>, json: bool) -> Result<()> {
    let tools = read_tools(&options.tools)?;
    let mixture = options.trained.as_deref().map(Mixture::read).transpose()?;
    let trained = mixture.map(|mixture| mixture.chooses_among(&tools));
    let path = project::checkpoint_path(checkpoint);
    let checkpoint = project::checkpoint(Some(path.clone()))?;
    check_schemas(&checkpoint.tokenizer, &tools)?;
    let pack = match options.indexing {
        IndexingKind::Atomic if checkpoint.document_head.is_some() => {
            from_batches(&path, tools, options.cache.as_deref())?
        }
        IndexingKind::Atomic => from_documents(&checkpoint, tools)?,
        kind => from_sequences(&checkpoint, tools, kind, options.seed)?,
    };
    let mut summary = json!({ "pack": options.out, "tools": pack.tools.len() });
    let pack = match trained {
        None => pack,
        Some(trained) => {
            summary["trained"] = trained.iter().filter(|trained| **trained).count().into();
            with_trained_shortened(&pack, &trained)?
        }
    };
    summary["bytes"] = project::write_pack(&pack, &options.out)?.into();
    report(json, &summary);
    Ok(())
}

/// A pack of tools' documents; says on standard error how far it is.
pub fn from_documents(checkpoint: &Checkpoint<Cpu>, tools: Vec<Tool>) -> Result<ToolPack> {
    if checkpoint.document_head.is_none() {
        let norm = checkpoint.decoder.output_norm.clone();
        return pollster::block_on(pack_of_names(checkpoint, tools, norm));
    }
    let count = tools.len();
    let progress = |done: usize| {
        if done.is_multiple_of(100) || done == count {
            eprintln!("documents {done}/{count}");
        }
    };
    pollster::block_on(pack_of_documents(checkpoint, tools, progress))
}

/// The same in packed batches, on the training backend: several times faster where there are many tools.
fn from_batches(checkpoint: &Path, tools: Vec<Tool>, cache: Option<&Path>) -> Result<ToolPack> {
    keep_memory();
    let checkpoint = file::load(checkpoint, Autograd)?;
    let head = checkpoint.document_head.as_ref().expect("the caller saw one");
    let progress = |done| eprintln!("documents {done}/{}", tools.len());
    let rows = document_rows(&checkpoint, head, &tools, cache, progress)?;
    pack_of_rows(&checkpoint, head, tools, rows)
}

/// A pack of untrained rows of an indexing in which a tool is several tokens.
fn from_sequences(
    checkpoint: &Checkpoint<Cpu>,
    tools: Vec<Tool>,
    kind: IndexingKind,
    seed: u64,
) -> Result<ToolPack> {
    let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
    let decoder = &checkpoint.decoder;
    let states = || document_states(checkpoint, &tools);
    let indexing = indexing_of(kind, &checkpoint.tokenizer, &names, states, seed)?;
    let (tokens, width) = (indexing.tool_tokens(), decoder.config.hidden);
    let mut rows = pollster::block_on(initial_rows(checkpoint, &indexing.texts()))?;
    let embeddings = QuantizedMatrix::quantize_q8_0(tokens, width, &rows)?;
    let tokens = tokens + Special::COUNT;
    rows.resize(tokens * width, 0.0);
    Ok(ToolPack {
        base_sha256: checkpoint.sha256.clone(),
        indexing: kind,
        norm: decoder.output_norm.clone(),
        rows: QuantizedMatrix::quantize_q8_0(tokens, width, &rows)?,
        table: Some(TokenTable::new(indexing.sequences(), embeddings)?),
        tools,
    })
}

/// The states that the tools' documents end in.
fn document_states(checkpoint: &Checkpoint<Cpu>, tools: &[Tool]) -> Result<Vec<Vec<f32>>> {
    let decoder = &checkpoint.decoder;
    let state = |tool: &Tool| {
        let tokens = prompt::document(&checkpoint.tokenizer, tool)?;
        let x = decoder.forward(&tokens, &mut decoder.sequence(tokens.len()))?;
        pollster::block_on(decoder.hidden_state(&x))
    };
    tools.iter().map(state).collect()
}

fn inspect(file: File, json: bool) -> Result<()> {
    let pack = project::pack(file.pack)?;
    let names: Vec<&str> = pack.tools.iter().map(|tool| tool.name.as_str()).collect();
    let row_bytes = pack.rows.row_bytes();
    report(
        json,
        &json!({
            "indexing": pack.indexing.name(), "base_sha256": pack.base_sha256, "rows": pack.rows.rows,
            "width": pack.rows.columns, "row_bytes": row_bytes, "tools": names,
        }),
    );
    Ok(())
}

fn verify(file: File, checkpoint: Option<PathBuf>, json: bool) -> Result<()> {
    let pack = project::pack(file.pack)?;
    let checkpoint = project::checkpoint(checkpoint)?;
    pack.check_base(&checkpoint.sha256, checkpoint.decoder.config.hidden)?;
    check_schemas(&checkpoint.tokenizer, &pack.tools)?;
    report(json, &json!({ "valid": true, "tools": pack.tools.len() }));
    Ok(())
}

/// Fails on the first tool whose schema the argument grammar does not hold in full.
pub fn check_schemas(tokenizer: &toolgen::tokenizer::Tokenizer, tools: &[Tool]) -> Result<()> {
    let grammar = Grammar::new(tokenizer)?;
    tools.iter().try_for_each(|tool| grammar.arguments(tool, None).map(drop))
}

fn report(json: bool, value: &serde_json::Value) {
    if json {
        project::print_json(value);
    } else {
        println!("{}", serde_json::to_string_pretty(value).expect("plain data serializes"));
    }
}
