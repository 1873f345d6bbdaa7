//! npm packages, by npm.

use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

use super::manifest::Package;
use super::pinned::verify;
use crate::host::{node, project, shell};

/// npm knows the user's registry and proxy, so it does the download.
pub fn download(package: &Package) -> Result<PathBuf> {
    let Package { name, version, bytes, sha256 } = package;
    let folder = project::work().join("download");
    fs::create_dir_all(&folder)?;
    let archive = folder.join(format!("{name}-{version}.tgz"));
    let is_right = |archive: &Path| verify(archive, *bytes, sha256);
    if archive.exists() && is_right(&archive).is_ok() {
        return Ok(archive);
    }
    eprintln!("downloading {name} {version} ({} MB)", bytes / 1_000_000);
    node::node()?;
    let mut pack = node::npm();
    pack.args(["pack", "--silent", "--pack-destination"]).arg(&folder);
    shell::run(pack.arg(format!("{name}@{version}")))?;
    is_right(&archive).context("the downloaded package is not the pinned one")?;
    Ok(archive)
}
