//! The model that the demo loads: the base checkpoint, which is fetched, and the adapter beside it, which is committed.

use anyhow::{Context, Result};
use std::fs;
use std::path::PathBuf;

use super::manifest::{Manifest, pin_adapter};
use super::{sources, weights};
use crate::host::stamp::hash_file;

/// Where its files lie.
pub struct Model {
    pub checkpoint: PathBuf,
    pub adapter: PathBuf,
}

/// The SHA-256 that its files must have: a tool pack names them.
pub struct Hashes {
    pub checkpoint: String,
    pub adapter: String,
}

/// Makes sure that the files are there and are those that the tool packs fit.
pub fn fetch() -> Result<Model> {
    Ok(Model { checkpoint: weights::fetch_base()?, adapter: adapter()? })
}

/// The adapter comes with the repository, or from its sources once it has some.
fn adapter() -> Result<PathBuf> {
    let Manifest { repository, adapter, .. } = Manifest::read()?;
    sources::fetch(&adapter.files, &adapter.sources, repository.as_deref()).context(
        "the adapter is not the one that the tool packs were fitted on; if it is new, fit them again and write its \
         size and hash into models/manifest.json",
    )?;
    Ok(adapter.files[0].path())
}

/// What the manifest says.
pub fn hashes() -> Result<Hashes> {
    let Manifest { checkpoint, adapter, .. } = Manifest::read()?;
    let [checkpoint, adapter] = [checkpoint, adapter].map(|of| of.files[0].sha256.clone());
    Ok(Hashes { checkpoint, adapter })
}

/// The SHA-256 of the adapter that is there.
pub fn committed_adapter() -> Result<String> {
    hash_file(&Manifest::read()?.adapter.files[0].path())
}

/// Writes the adapter's size and hash into the manifest: what a new one needs.
pub fn pin() -> Result<()> {
    let file = Manifest::read()?.adapter.files[0].path();
    pin_adapter(fs::metadata(&file)?.len(), hash_file(&file)?)
}
