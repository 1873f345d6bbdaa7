//! The checkpoint that the demo loads: the base, fetched, with the committed adapter merged into it.

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use std::fs;
use std::path::PathBuf;

use crate::stamp::{Stamp, hash_file};
use crate::{base, project, shell};

/// `models/manifest.json`, as far as it is about the release.
#[derive(Deserialize)]
struct Manifest {
    release: Release,
}

#[derive(Deserialize)]
struct Release {
    /// Path beside the manifest.
    file: PathBuf,
    /// Format of the layers' matrices.
    format: String,
    /// Format of the embedding.
    embedding: String,
    bytes: u64,
    sha256: String,
}

/// Makes sure that the checkpoint is there and is the one that the tool packs fit; its path.
pub fn build() -> Result<PathBuf> {
    let base = base::fetch()?;
    let models = project::root().join("models");
    let text = fs::read_to_string(models.join("manifest.json"))?;
    let Manifest { release } =
        serde_json::from_str(&text).context("models/manifest.json is not a manifest")?;
    let (file, adapter) = (models.join(&release.file), models.join("adapter"));
    let mut key = format!("{} {} {}", release.sha256, release.format, release.embedding);
    for part in ["adapter_config.json", "adapter_model.safetensors", "head.safetensors"] {
        key += &hash_file(&adapter.join(part))?;
    }
    let stamp = Stamp::new("release", &key);
    if stamp.is_fresh(std::slice::from_ref(&file)) {
        return Ok(file);
    }
    stamp.clear();
    eprintln!("merging the adapter into {}", project::shown(&file));
    let partial = file.with_extension("partial");
    let mut merge = shell::cargo();
    merge.args(["run", "--quiet", "--release", "--bin", "toolgen", "--", "--json"]);
    merge.arg("--checkpoint").arg(base).args(["checkpoint", "merge", "--adapter"]).arg(adapter);
    merge.args(["--type", &release.format, "--embedding", &release.embedding, "--out"]);
    shell::run(merge.arg(&partial).stdout(std::process::Stdio::null()))?;
    base::verify(&partial, release.bytes, &release.sha256).context(
        "the merged checkpoint is not the one that the tool packs were fitted on; if the adapter is new, fit \
         them again and write its size and hash into models/manifest.json",
    )?;
    fs::rename(&partial, &file)?;
    stamp.set()?;
    ensure!(file.is_file(), "{} is missing", project::shown(&file));
    Ok(file)
}
