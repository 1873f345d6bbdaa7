//! The checkpoint that the demo loads: fetched, or the base with the adapter merged into it.

use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

use super::manifest::{Manifest, Release, pin_release};
use super::{sources, weights};
use crate::host::stamp::{Stamp, hash_file, hash_sources};
use crate::host::{project, shell};

/// Makes sure that the checkpoint is there and is the one that the tool packs fit; its path.
pub fn build() -> Result<PathBuf> {
    let Manifest { repository, release, .. } = Manifest::read()?;
    let (file, stamp) = (release.file.path(), stamp(&release)?);
    if stamp.is_fresh(std::slice::from_ref(&file)) {
        return Ok(file);
    }
    stamp.clear();
    if !fetch(&release, repository.as_deref()) {
        merge_here(&release)?;
    }
    stamp.set()?;
    Ok(file)
}

/// Whether it is there, and the adapter is still the one that it was built with.
pub fn is_built() -> Result<bool> {
    let release = Manifest::read()?.release;
    Ok(stamp(&release)?.is_fresh(&[release.file.path()]))
}

/// The SHA-256 that it must have.
pub fn sha256() -> Result<String> {
    Ok(Manifest::read()?.release.file.sha256)
}

/// The note that it was built from the adapter as it is now.
fn stamp(release: &Release) -> Result<Stamp> {
    let Release { file, format, embedding, .. } = release;
    let adapter = hash_sources(&[adapter()])?;
    Ok(Stamp::new("release", format!("{} {format} {embedding} {adapter}", file.sha256)))
}

/// Downloads the checkpoint, if a source is named and has it.
fn fetch(release: &Release, repository: Option<&str>) -> bool {
    let files = std::slice::from_ref(&release.file);
    !release.sources.is_empty() && sources::fetch(files, &release.sources, repository).is_ok()
}

fn merge_here(release: &Release) -> Result<()> {
    let partial = merge_to_partial(release, &weights::fetch_base()?)?;
    release.file.place(&partial).context(
        "the merged checkpoint is not the one that the tool packs were fitted on; if the adapter is new, fit \
         them again and write its size and hash into models/manifest.json",
    )
}

/// Merges the adapter and writes the checkpoint's size and hash into the manifest: what a new adapter needs.
pub fn pin() -> Result<()> {
    let base = weights::fetch_base()?;
    let file = merge_to_partial(&Manifest::read()?.release, &base)?;
    pin_release(fs::metadata(&file)?.len(), hash_file(&file)?)
}

/// Merges the adapter in a folder into the base, in the release's formats, and writes `out`.
pub fn merge(adapter: &Path, out: &Path) -> Result<()> {
    merge_into(&Manifest::read()?.release, &weights::fetch_base()?, adapter, out)
}

/// Writes the checkpoint with the committed adapter beside its place.
fn merge_to_partial(release: &Release, base: &Path) -> Result<PathBuf> {
    let partial = release.file.path().with_extension("partial");
    merge_into(release, base, &adapter(), &partial)?;
    Ok(partial)
}

fn merge_into(release: &Release, base: &Path, adapter: &Path, out: &Path) -> Result<()> {
    eprintln!("merging the adapter into {}", project::shown(out));
    let mut merge = shell::toolgen();
    merge.args(["--json", "--checkpoint"]).arg(base);
    merge.args(["checkpoint", "merge", "--adapter"]).arg(adapter);
    merge.args(["--type", &release.format, "--embedding", &release.embedding]);
    merge.arg("--out").arg(out);
    shell::run(&mut merge)
}

fn adapter() -> PathBuf {
    project::models().join("adapter")
}
