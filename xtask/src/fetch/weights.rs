//! Models that are fetched as they are.

use anyhow::Result;
use std::path::PathBuf;

use super::manifest::{Manifest, Weights};
use super::sources;

/// Makes sure that the base checkpoint is there and is the right one; its path.
pub fn fetch_base() -> Result<PathBuf> {
    fetch(|manifest| &manifest.checkpoint)
}

/// Makes sure of the sentence encoder that results are compared with.
pub fn fetch_minilm() -> Result<PathBuf> {
    fetch(|manifest| &manifest.minilm)
}

/// The path of the first file.
fn fetch(of: impl Fn(&Manifest) -> &Weights) -> Result<PathBuf> {
    let manifest = Manifest::read()?;
    let Weights { files, sources } = of(&manifest);
    sources::fetch(files, sources, manifest.repository.as_deref())?;
    Ok(files[0].path())
}
