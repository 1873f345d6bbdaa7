//! The checkpoint that the demo loads: the base, fetched, with the committed adapter merged into it.

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

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

/// Merges the adapter and writes the checkpoint's size and hash into the manifest: what a new adapter needs.
pub fn pin() -> Result<()> {
    let base = base::fetch()?;
    let path = project::root().join("models/manifest.json");
    let mut manifest: Value = serde_json::from_str(&fs::read_to_string(&path)?)?;
    let release: Release = serde_json::from_value(manifest["release"].clone())
        .context("models/manifest.json has no release")?;
    let file = release.merge_to_partial(&base)?;
    manifest["release"]["bytes"] = fs::metadata(&file)?.len().into();
    manifest["release"]["sha256"] = hash_file(&file)?.into();
    fs::write(&path, format!("{}\n", serde_json::to_string_pretty(&manifest)?))?;
    Ok(())
}

/// Merges the adapter in a folder into the base, in the release's formats, and writes `out`.
pub fn merge(adapter: &Path, out: &Path) -> Result<()> {
    Release::read()?.merge(&base::fetch()?, adapter, out)
}

/// Makes sure that the checkpoint is there and is the one that the tool packs fit; its path.
pub fn build() -> Result<PathBuf> {
    let base = base::fetch()?;
    let models = project::root().join("models");
    let release = Release::read()?;
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
    let partial = release.merge_to_partial(&base)?;
    base::verify(&partial, release.bytes, &release.sha256).context(
        "the merged checkpoint is not the one that the tool packs were fitted on; if the adapter is new, fit \
         them again and write its size and hash into models/manifest.json",
    )?;
    fs::rename(&partial, &file)?;
    stamp.set()?;
    Ok(file)
}

impl Release {
    fn read() -> Result<Self> {
        let text = fs::read_to_string(project::root().join("models/manifest.json"))?;
        let Manifest { release } =
            serde_json::from_str(&text).context("models/manifest.json is not a manifest")?;
        Ok(release)
    }

    /// Writes the checkpoint with the committed adapter beside its place.
    fn merge_to_partial(&self, base: &Path) -> Result<PathBuf> {
        let models = project::root().join("models");
        let partial = models.join(&self.file).with_extension("partial");
        self.merge(base, &models.join("adapter"), &partial)?;
        Ok(partial)
    }

    fn merge(&self, base: &Path, adapter: &Path, out: &Path) -> Result<()> {
        eprintln!("merging the adapter into {}", project::shown(out));
        let mut merge = shell::cargo();
        merge.args(["run", "--quiet", "--release", "--bin", "toolgen", "--", "--json"]);
        merge.arg("--checkpoint").arg(base).args(["checkpoint", "merge", "--adapter"]);
        merge.arg(adapter).args(["--type", &self.format]);
        merge.args(["--embedding", &self.embedding, "--out"]).arg(out);
        merge.current_dir(project::root());
        shell::run(merge.stdout(Stdio::null()))
    }
}
