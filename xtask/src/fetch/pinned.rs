//! A file of known size and SHA-256.

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::host::progress::Progress;
use crate::host::project;
use crate::host::stamp::{self, Stamp};

#[derive(Deserialize)]
pub struct Pinned {
    /// Path beside the manifest.
    file: PathBuf,
    pub bytes: u64,
    pub sha256: String,
}

impl Pinned {
    pub fn path(&self) -> PathBuf {
        project::models().join(&self.file)
    }

    /// Is the file there, and the right one? It is hashed only if it has changed since the last time.
    pub fn is_verified(&self) -> Result<bool> {
        let path = self.path();
        if !path.is_file() {
            return Ok(false);
        }
        if self.verification()?.is_fresh(&[]) {
            return Ok(true);
        }
        match verify(&path, self.bytes, &self.sha256) {
            Ok(()) => {
                self.verification()?.set()?;
                Ok(true)
            }
            Err(error) => {
                eprintln!("{error:#}; it is fetched again");
                Ok(false)
            }
        }
    }

    /// Moves a download into place if it is the right file, so that a file there is always whole.
    pub fn place(&self, download: &Path) -> Result<()> {
        verify(download, self.bytes, &self.sha256)?;
        let path = self.path();
        fs::create_dir_all(path.parent().context("a file lies in a folder")?)?;
        fs::rename(download, &path)
            .with_context(|| format!("cannot write {}", project::shown(&path)))?;
        self.verification()?.set()
    }

    /// The note that the file in place was hashed and found right.
    fn verification(&self) -> Result<Stamp> {
        let metadata = fs::metadata(self.path())?;
        let modified = metadata.modified()?.duration_since(std::time::UNIX_EPOCH)?;
        let key = format!("{} {} {modified:?}", self.sha256, metadata.len());
        let name = self.file.to_string_lossy().replace(['/', '.'], "-");
        Ok(Stamp::new(&name, key))
    }
}

/// Fails unless the file has this size and hash.
pub fn verify(file: &Path, bytes: u64, sha256: &str) -> Result<()> {
    let found = fs::metadata(file)?.len();
    let shown = project::shown(file);
    ensure!(found == bytes, "{shown} has {found} bytes, expected {bytes}");
    let found = stamp::hash(Progress::new(File::open(file)?, "verifying", bytes))?;
    ensure!(found == sha256, "{shown} has SHA-256 {found}, expected {sha256}");
    Ok(())
}

#[cfg(test)]
impl Pinned {
    pub fn new(file: PathBuf, bytes: u64, sha256: &str) -> Self {
        Self { file, bytes, sha256: sha256.into() }
    }

    pub fn forget(&self) -> Result<()> {
        self.verification()?.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_file_is_named_with_both_hashes() {
        let path = std::env::temp_dir().join(format!("xtask-pinned-{}", std::process::id()));
        fs::write(&path, "abc").unwrap();
        let expected = "0".repeat(64);
        let message = verify(&path, 3, &expected).unwrap_err().to_string();
        fs::remove_file(&path).unwrap();
        assert!(message.contains("xtask-pinned-"), "{message}");
        assert!(message.contains("ba7816bf") && message.contains(&expected), "{message}");
    }
}
