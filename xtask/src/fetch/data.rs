//! The data sets for training and judging: `models/data/NAME.tar.gz`, unpacked beside itself.

use anyhow::{Context, Result};
use std::path::PathBuf;

use super::manifest::{DataSet, Manifest};
use super::{pinned, tarball};
use crate::host::project;
use crate::host::stamp::Stamp;

/// Makes sure that every set lies unpacked in `models/data/NAME`.
pub fn fetch() -> Result<()> {
    let data = project::models().join("data");
    for set in Manifest::read()?.data {
        let folder = data.join(&set.name);
        let stamp = Stamp::new(&format!("data-{}", set.name), &set.sha256);
        if stamp.is_fresh(std::slice::from_ref(&folder)) {
            continue;
        }
        let archive = archive(&set)?;
        stamp.clear();
        tarball::unpack(&archive, &set.name, &folder, |_| true)?;
        stamp.set()?;
    }
    Ok(())
}

/// What is wrong with archives, a line each.
pub fn wrong_archives() -> Result<Vec<String>> {
    let sets = Manifest::read()?.data;
    let wrong = sets.iter().filter_map(|set| archive(set).err());
    Ok(wrong.map(|error| format!("{error:#}")).collect())
}

/// The set's archive, if it is the one that the manifest pins.
fn archive(set: &DataSet) -> Result<PathBuf> {
    let archive = project::models().join("data").join(format!("{}.tar.gz", set.name));
    pinned::verify(&archive, set.bytes, &set.sha256).with_context(|| {
        format!("{} is not the archive of models/manifest.json", project::shown(&archive))
    })?;
    Ok(archive)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::fs;

    /// Each archive is pinned, holds its notice and licence, and has a line in the table.
    #[test]
    fn every_set_is_pinned_and_has_a_licence() {
        let data = project::models().join("data");
        let table = fs::read_to_string(data.join("README.md")).unwrap();
        let temporary = std::env::temp_dir().join(format!("xtask-data-{}", std::process::id()));
        fs::create_dir_all(&temporary).unwrap();
        let mut pinned = BTreeSet::new();
        for set in Manifest::read().unwrap().data {
            let archive = archive(&set).unwrap();
            let folder = temporary.join(&set.name);
            tarball::unpack(&archive, &set.name, &folder, |_| true).unwrap();
            let notice = fs::read_to_string(folder.join("NOTICE")).unwrap();
            for part in ["Source ", "Authors ", "Licence "] {
                assert!(notice.contains(part), "{}: the notice has no {part}", set.name);
            }
            let has_licence = fs::read_dir(&folder)
                .unwrap()
                .any(|file| file.unwrap().file_name().to_string_lossy().starts_with("LICENSE"));
            assert!(has_licence, "{} has no licence", set.name);
            assert!(table.contains(&format!("| {} |", set.name)), "{} has no line", set.name);
            pinned.insert(archive);
        }
        fs::remove_dir_all(temporary).unwrap();
        let found = fs::read_dir(data).unwrap().map(|entry| entry.unwrap().path());
        let found = found.filter(|path| path.extension().is_some_and(|part| part == "gz"));
        assert_eq!(found.collect::<BTreeSet<_>>(), pinned);
    }

    #[test]
    fn mixtures_read_what_is_here_or_fetched() {
        let sets = Manifest::read().unwrap().data.into_iter();
        let mut places: Vec<String> =
            sets.map(|set| format!("models/data/{}/", set.name)).collect();
        let own = ["models/catalogue/", "models/apps", "models/training/", "target/openapi/"];
        places.extend(own.map(String::from));
        for file in fs::read_dir(project::models().join("training/mixtures")).unwrap() {
            let path = file.unwrap().path();
            let mixture: Vec<serde_json::Value> =
                serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
            for set in &mixture {
                let lists = ["questions", "apps"].map(|key| set[key].as_array());
                let files = lists.into_iter().flatten().flatten();
                let files = files.chain([&set["tools"], &set["without"]]);
                let files: Vec<&str> = files.filter_map(serde_json::Value::as_str).collect();
                assert!(!files.is_empty(), "{}: {set}", project::shown(&path));
                for file in files {
                    let is_here = places.iter().any(|place| file.starts_with(place));
                    assert!(is_here, "{}: {file}", project::shown(&path));
                }
            }
        }
    }
}
