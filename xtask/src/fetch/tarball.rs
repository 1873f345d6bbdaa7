//! Unpacking `.tar.gz` files.

use anyhow::{Context, Result, ensure};
use flate2::read::GzDecoder;
use std::fs::{self, File};
use std::path::{Component, Path};

use crate::host::progress::Progress;
use crate::host::project;

/// Unpacks what lies in the archive's folder `member` and is to be kept into `folder`, in place of what is there;
/// how many files. It is unpacked beside its place and moved there, so that a folder under the final name is whole.
pub fn unpack(
    archive: &Path,
    member: &str,
    folder: &Path,
    keep: impl Fn(&Path) -> bool,
) -> Result<usize> {
    eprintln!("unpacking {}", project::shown(folder));
    let partial = folder.with_extension("partial");
    remove(&partial)?;
    let files = write_files(archive, member, &partial, keep)
        .with_context(|| format!("cannot unpack {}", project::shown(archive)))?;
    remove(folder)?;
    fs::rename(&partial, folder)?;
    Ok(files)
}

fn write_files(
    archive: &Path,
    member: &str,
    folder: &Path,
    keep: impl Fn(&Path) -> bool,
) -> Result<usize> {
    let bytes = fs::metadata(archive)?.len();
    let reader = Progress::new(File::open(archive)?, "unpacking", bytes);
    let mut archive = tar::Archive::new(GzDecoder::new(reader));
    let mut files = 0;
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let kind = entry.header().entry_type();
        ensure!(
            path.components().all(|part| matches!(part, Component::Normal(_)))
                && (kind.is_file() || kind.is_dir()),
            "{} is not a file or folder inside the archive",
            path.display()
        );
        let Ok(inner) = path.strip_prefix(member) else { continue };
        if !kind.is_file() || !keep(inner) {
            continue;
        }
        let target = folder.join(inner);
        fs::create_dir_all(target.parent().expect("the file lies in the folder"))?;
        let mut file = File::create(&target)
            .with_context(|| format!("cannot write {}", project::shown(&target)))?;
        std::io::copy(&mut entry, &mut file)?;
        files += 1;
    }
    ensure!(files > 0, "it holds no file of {member}");
    Ok(files)
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::path::PathBuf;
    use tar::{EntryType, Header};

    /// An archive of empty entries, whose names go in as they are, in a folder of its own.
    fn archive(name: &str, entries: &[(&str, EntryType)]) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("archive.tar.gz");
        let gzip = GzEncoder::new(File::create(&path).unwrap(), Compression::fast());
        let mut builder = tar::Builder::new(gzip);
        for (name, kind) in entries {
            let mut header = Header::new_ustar();
            header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
            header.set_entry_type(*kind);
            header.set_size(0);
            header.set_cksum();
            builder.append(&header, std::io::empty()).unwrap();
        }
        builder.into_inner().unwrap().finish().unwrap();
        path
    }

    #[test]
    fn a_folder_is_replaced_as_a_whole() {
        let entries = [
            ("set", EntryType::Directory),
            ("set/a.jsonl", EntryType::Regular),
            ("set/b/c.jsonl", EntryType::Regular),
            ("set/d.py", EntryType::Regular),
            ("other/e.jsonl", EntryType::Regular),
        ];
        let archive = archive("good", &entries);
        let folder = archive.with_file_name("unpacked");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("old.jsonl"), "").unwrap();
        let keep = |path: &Path| path.extension().is_some_and(|extension| extension == "jsonl");
        assert_eq!(unpack(&archive, "set", &folder, keep).unwrap(), 2);
        for (file, is_there) in [
            ("a.jsonl", true),
            ("b/c.jsonl", true),
            ("d.py", false),
            ("e.jsonl", false),
            ("old.jsonl", false),
        ] {
            assert_eq!(folder.join(file).exists(), is_there, "{file}");
        }
        fs::remove_dir_all(archive.parent().unwrap()).unwrap();
    }

    #[test]
    fn nothing_is_written_outside_and_no_link_is_made() {
        for (index, entry) in [
            ("../escaped", EntryType::Regular),
            ("set/../../escaped", EntryType::Regular),
            ("/tmp/escaped", EntryType::Regular),
            ("set/link", EntryType::Symlink),
            ("set/link", EntryType::Link),
        ]
        .into_iter()
        .enumerate()
        {
            let archive = archive(&format!("bad-{index}"), &[("set/a", EntryType::Regular), entry]);
            let folder = archive.with_file_name("unpacked");
            let error = unpack(&archive, "set", &folder, |_| true).unwrap_err();
            assert!(format!("{error:#}").contains(entry.0), "{error:#}");
            assert!(!folder.exists());
            assert!(!archive.with_file_name("escaped").exists());
            fs::remove_dir_all(archive.parent().unwrap()).unwrap();
        }
    }
}
