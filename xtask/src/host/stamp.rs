//! Stamps: "this was made from inputs with that hash", so that a second run
//! does nothing that is done already.

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::project;

/// A note, kept from run to run, of what a result was made from.
pub struct Stamp {
    file: PathBuf,
    key: String,
}

impl Stamp {
    /// The stamp `name` for inputs that hash to `key`.
    pub fn new(name: &str, key: impl Into<String>) -> Self {
        Self { file: project::work().join(name).with_extension("stamp"), key: key.into() }
    }

    /// Is the result that this stamp describes there?
    pub fn is_fresh(&self, results: &[PathBuf]) -> bool {
        fs::read_to_string(&self.file).is_ok_and(|key| key == self.key)
            && results.iter().all(|result| result.exists())
    }

    /// Forgets the result; called before remaking it, so that an interrupted
    /// run is not taken for a finished one.
    pub fn clear(&self) {
        // It is no fault if there was none.
        let _ = fs::remove_file(&self.file);
    }

    /// Notes that the result is finished.
    pub fn set(&self) -> Result<()> {
        fs::create_dir_all(project::work())?;
        fs::write(&self.file, &self.key)
            .with_context(|| format!("cannot write {}", project::shown(&self.file)))
    }
}

/// SHA-256 as lower-case hexadecimal.
pub fn hex(digest: impl AsRef<[u8]>) -> String {
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// SHA-256 of everything that `reader` yields.
pub fn hash(mut reader: impl Read) -> Result<String> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match reader.read(&mut buffer)? {
            0 => return Ok(hex(hasher.finalize())),
            read => hasher.update(&buffer[..read]),
        }
    }
}

/// SHA-256 of a file.
pub fn hash_file(path: &Path) -> Result<String> {
    fs::File::open(path)
        .map_err(Into::into)
        .and_then(hash)
        .with_context(|| format!("cannot read {}", project::shown(path)))
}

/// SHA-256 over the paths and contents of [`sources`].
pub fn hash_sources(paths: &[PathBuf]) -> Result<String> {
    let mut hasher = Sha256::new();
    for path in sources(paths)? {
        hasher.update(format!("{}\0{}\n", project::shown(&path), hash_file(&path)?));
    }
    Ok(hex(hasher.finalize()))
}

/// The files of these files and folders, less the subfolders that are build results. What does not exist counts
/// as empty.
pub fn sources(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    const RESULTS: [&str; 2] = ["dist", "node_modules"];
    let mut files = Vec::new();
    let mut waiting = paths.to_vec();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path)?.map(|entry| Ok(entry?.path()));
            let mut entries = entries.collect::<Result<Vec<_>>>()?;
            entries.retain(|entry| !RESULTS.iter().any(|result| entry.ends_with(result)));
            entries.sort();
            waiting.extend(entries);
        } else if path.is_file() {
            files.push(path);
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hash_is_sha256() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hash(&b"abc"[..]).unwrap(), expected);
    }

    #[test]
    fn sources_are_hashed_by_content_and_results_left_out() {
        let folder = std::env::temp_dir().join(format!("xtask-stamp-{}", std::process::id()));
        fs::create_dir_all(folder.join("dist")).unwrap();
        fs::write(folder.join("a.ts"), "1").unwrap();
        let sources = [folder.clone()];
        let before = hash_sources(&sources).unwrap();
        fs::write(folder.join("dist/a.js"), "1").unwrap();
        assert_eq!(hash_sources(&sources).unwrap(), before);
        fs::write(folder.join("a.ts"), "2").unwrap();
        assert_ne!(hash_sources(&sources).unwrap(), before);
        fs::remove_dir_all(folder).unwrap();
    }
}
