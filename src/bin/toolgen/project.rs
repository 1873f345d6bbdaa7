//! Where the project keeps its files, and how they are loaded.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use toolgen::agent::Engine;
use toolgen::backend::Backend;
use toolgen::backend::cpu::Cpu;
use toolgen::model::{Checkpoint, file};
use toolgen::rows::from_documents::{pack_of_names, pack_of_rows};
use toolgen::tool::dataset::read_tools;
use toolgen::tool::{Tool, ToolPack};
use toolgen::training::rows::from_documents::document_rows;
use toolgen::virtualization::IndexingKind;
use toolgen::{Error, Result};

/// The base checkpoint, once `cargo xtask fetch` has brought it.
const BASE: &str = "models/checkpoint/smollm2-135m-instruct-q4_1.gguf";
/// What training made of the base.
pub const ADAPTER: &str = "models/adapter/toolgen-135m.safetensors";
/// The demo's tool pack.
const PACK: &str = "models/packs/catalogue.safetensors";
/// The sentence encoder of a baseline, once `cargo xtask fetch minilm` has brought it.
pub const MINILM: &str = "models/checkpoint/minilm";

/// The files that a model is made of.
#[derive(Args, Clone)]
pub struct ModelFiles {
    /// The checkpoint (GGUF); by default the project's base, with the project's adapter.
    #[arg(long, global = true)]
    checkpoint: Option<PathBuf>,
    /// An adapter that was trained on the checkpoint; by default the project's, or none beside a --checkpoint.
    #[arg(long, global = true)]
    adapter: Option<PathBuf>,
}

impl ModelFiles {
    /// The checkpoint alone: what adapters are trained on.
    pub fn base(&self) -> PathBuf {
        self.checkpoint.clone().unwrap_or_else(|| BASE.into())
    }

    /// The adapter, if there is one.
    pub fn adapter(&self) -> Option<PathBuf> {
        let own = self.checkpoint.is_none().then(|| ADAPTER.into());
        self.adapter.clone().or(own)
    }

    /// Loads them.
    pub fn load<B: Backend>(&self, backend: B) -> Result<Checkpoint<B>> {
        let remedy = "run `cargo xtask fetch` in the project or name one with --checkpoint";
        let loaded = file::load(&self.base(), backend);
        let mut checkpoint = loaded.map_err(|error| hint(error, remedy))?;
        if let Some(adapter) = self.adapter() {
            let remedy = "name one with --adapter, or a --checkpoint without one";
            file::adapt(&mut checkpoint, &adapter).map_err(|error| hint(error, remedy))?;
        }
        Ok(checkpoint)
    }
}

/// Says what to do about a missing file; any other error stays as it is.
pub fn hint(error: Error, remedy: &str) -> Error {
    match error {
        Error::Io { path, source } if source.kind() == std::io::ErrorKind::NotFound => {
            let text = format!("not found; {remedy}");
            Error::Io { path, source: std::io::Error::new(source.kind(), text) }
        }
        error => error,
    }
}

/// Reads the given pack or the project's.
pub fn pack(path: Option<PathBuf>) -> Result<ToolPack> {
    let path = path.unwrap_or_else(|| PACK.into());
    let bytes = std::fs::read(&path).map_err(Error::io(&path))?;
    ToolPack::from_bytes(&bytes)
}

/// Writes a pack, making its folder.
pub fn write_pack(pack: &ToolPack, path: &Path) -> Result<usize> {
    let bytes = pack.to_bytes()?;
    let io = Error::io(path);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(io)?;
    }
    std::fs::write(path, &bytes).map_err(io)?;
    Ok(bytes.len())
}

/// Where an engine's tools come from.
#[derive(Args)]
pub struct ToolSource {
    /// The tool pack; by default the project's own.
    #[arg(long, conflicts_with = "tools")]
    pub pack: Option<PathBuf>,
    /// The tools (JSON Lines) in place of a pack: rows are made of their documents.
    #[arg(long)]
    pub tools: Option<PathBuf>,
}

impl ToolSource {
    /// A pack of them that fits the checkpoint.
    pub fn pack(&self, checkpoint: &Checkpoint<Cpu>) -> Result<ToolPack> {
        match &self.tools {
            Some(tools) => pack_of_documents(checkpoint, read_tools(tools)?, None),
            None => pack(self.pack.clone()),
        }
    }
}

/// A pack of tools' documents, whose hidden states are kept at `cache`, if wished; says on standard error how far it is.
pub fn pack_of_documents(
    checkpoint: &Checkpoint<Cpu>,
    tools: Vec<Tool>,
    cache: Option<&Path>,
) -> Result<ToolPack> {
    let Some(head) = &checkpoint.document_head else {
        let norm = checkpoint.decoder.output_norm.clone();
        return pollster::block_on(pack_of_names(checkpoint, tools, norm));
    };
    let progress = |done| eprintln!("documents {done}/{}", tools.len());
    let rows = document_rows(checkpoint, head, &tools, cache, progress)?;
    pack_of_rows(&checkpoint.id, head, tools, &rows)
}

/// An engine with tools.
pub fn engine(model: &ModelFiles, tools: &ToolSource) -> Result<Engine<Cpu>> {
    let checkpoint = model.load(Cpu)?;
    let pack = tools.pack(&checkpoint)?;
    engine_of(checkpoint, pack)
}

/// An engine of a checkpoint and a pack.
pub fn engine_of(checkpoint: Checkpoint<Cpu>, pack: ToolPack) -> Result<Engine<Cpu>> {
    let mut engine = Engine::new(checkpoint)?;
    engine.load_pack(pack)?;
    Ok(engine)
}

/// Reads the name of an indexing.
pub fn indexing_kinds() -> impl TypedValueParser<Value = IndexingKind> {
    PossibleValuesParser::new(IndexingKind::ALL.map(IndexingKind::name))
        .map(|name| IndexingKind::from_name(&name).expect("a possible value"))
}

/// Prints a summary: as one line of JSON, or for people.
pub fn report(json: bool, value: &impl serde::Serialize) {
    if json {
        print_json(value);
    } else {
        println!("{}", serde_json::to_string_pretty(value).expect("plain data serializes"));
    }
}

/// Writes JSON Lines, making their folder.
pub fn write_lines<T: serde::Serialize>(
    path: &Path,
    lines: impl IntoIterator<Item = T>,
) -> Result<()> {
    let io = Error::io(path);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(io)?;
    }
    let mut file = BufWriter::new(File::create(path).map_err(io)?);
    for line in lines {
        serde_json::to_writer(&mut file, &line).map_err(|error| io(error.into()))?;
        file.write_all(b"\n").map_err(io)?;
    }
    file.flush().map_err(io)
}

/// Prints a value as one line of JSON.
pub fn print_json(value: &impl serde::Serialize) {
    println!("{}", serde_json::to_string(value).expect("plain data serializes"));
}
