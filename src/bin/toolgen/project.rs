//! Where the project keeps its files, and how they are loaded.

use std::path::{Path, PathBuf};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use toolgen::agent::Engine;
use toolgen::backend::cpu::Cpu;
use toolgen::model::{Checkpoint, file};
use toolgen::tool::ToolPack;
use toolgen::virtualization::IndexingKind;
use toolgen::{Error, Result};

/// The base checkpoint, once `cargo xtask fetch` has brought it.
const CHECKPOINT: &str = "models/checkpoint/smollm2-135m-instruct-q4_1.gguf";
/// The demo's tool pack.
const PACK: &str = "models/packs/catalogue.safetensors";
/// The sentence encoder of a baseline, once `cargo xtask fetch minilm` has brought it.
pub const MINILM: &str = "models/checkpoint/minilm";

/// The given checkpoint or the project's.
pub fn checkpoint_path(path: Option<PathBuf>) -> PathBuf {
    path.unwrap_or_else(|| CHECKPOINT.into())
}

/// Loads the given checkpoint or the project's.
pub fn checkpoint(path: Option<PathBuf>) -> Result<Checkpoint<Cpu>> {
    file::load(&checkpoint_path(path), Cpu).map_err(|error| {
        hint(error, "run `cargo xtask fetch` in the project or name one with --checkpoint")
    })
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
    let bytes = std::fs::read(&path).map_err(|source| Error::Io { path, source })?;
    ToolPack::from_bytes(&bytes)
}

/// Writes a pack, making its folder.
pub fn write_pack(pack: &ToolPack, path: &Path) -> Result<usize> {
    let bytes = pack.to_bytes()?;
    let io = |source| Error::Io { path: path.into(), source };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(io)?;
    }
    std::fs::write(path, &bytes).map_err(io)?;
    Ok(bytes.len())
}

/// An engine with a pack.
pub fn engine(checkpoint_path: Option<PathBuf>, pack_path: Option<PathBuf>) -> Result<Engine<Cpu>> {
    let pack = pack(pack_path)?;
    engine_of(checkpoint(checkpoint_path)?, &pack)
}

/// An engine of a checkpoint and a pack.
pub fn engine_of(checkpoint: Checkpoint<Cpu>, pack: &ToolPack) -> Result<Engine<Cpu>> {
    let mut engine = Engine::new(checkpoint)?;
    engine.load_pack(pack)?;
    Ok(engine)
}

/// Reads the name of an indexing.
pub fn indexing_kinds() -> impl TypedValueParser<Value = IndexingKind> {
    PossibleValuesParser::new(IndexingKind::ALL.map(IndexingKind::name))
        .map(|name| IndexingKind::from_name(&name).expect("a possible value"))
}

/// Prints a value as one line of JSON.
pub fn print_json(value: &impl serde::Serialize) {
    println!("{}", serde_json::to_string(value).expect("plain data serializes"));
}
