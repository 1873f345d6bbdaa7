//! `cargo xtask release --check`: what must hold before a release is made, by the steps of RELEASING.md.

use anyhow::{Context, Result, bail};
use lexopt::prelude::*;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use super::licences;
use crate::fetch::data;
use crate::fetch::model::{self, Hashes};
use crate::host::{node, project, shell};

/// Bytes of a file in the crate: weights and data sets have no place there.
const MAX_FILE: u64 = 1_000_000;
/// Bytes of the crate, of which crates.io takes no more, compressed.
const MAX_CRATE: u64 = 10_000_000;

/// What is wrong, a line each.
type Problems = Vec<String>;

pub fn run(mut arguments: lexopt::Parser) -> Result<ExitCode> {
    match arguments.next()? {
        Some(Long("check")) => {}
        Some(other) => return Err(other.unexpected().into()),
        None => bail!(
            "a release is made by hand, see RELEASING.md; `--check` tells whether the tree is ready"
        ),
    }
    let root = project::root();
    let checks = [versions, changelog, reference, archives, adapter, pack, notices, crate_files];
    let problems: Problems = checks
        .iter()
        .flat_map(|check| check(root).unwrap_or_else(|error| vec![format!("{error:#}")]))
        .collect();
    if problems.is_empty() {
        println!("{} is ready", crate_version(&read(root, "Cargo.toml")?)?);
        return Ok(ExitCode::SUCCESS);
    }
    for problem in problems {
        eprintln!("error: {problem}");
    }
    Ok(ExitCode::FAILURE)
}

/// The crate, the npm package and what names it have one version.
fn versions(root: &Path) -> Result<Problems> {
    let json = |file: &'static str, pointer: &str| -> Result<_> {
        let value: Value = serde_json::from_str(&read(root, file)?)?;
        let version = value.pointer(pointer).and_then(Value::as_str);
        Ok((file, version.unwrap_or("none").to_owned()))
    };
    let found = [
        ("Cargo.toml", crate_version(&read(root, "Cargo.toml")?)?.to_owned()),
        json("pkg/package.json", "/version")?,
        json("www/package.json", "/dependencies/toolgen")?,
        json("package-lock.json", "/packages/pkg/version")?,
        json("package-lock.json", "/packages/www/dependencies/toolgen")?,
    ];
    let are_equal = found.iter().all(|(_, version)| *version == found[0].1);
    let list = found.map(|(file, version)| format!("{file} has {version}"));
    Ok(unless(are_equal, format!("versions differ: {}", list.join(", "))))
}

/// The version of the package that a Cargo.toml describes.
fn crate_version(manifest: &str) -> Result<&str> {
    let package = manifest.split("[package]").nth(1).context("Cargo.toml has no [package]")?;
    let line = package.lines().find_map(|line| line.strip_prefix("version = \""));
    line.and_then(|line| line.split('"').next()).context("Cargo.toml has no version")
}

fn changelog(root: &Path) -> Result<Problems> {
    let manifest = read(root, "Cargo.toml")?;
    let version = crate_version(&manifest)?;
    let text = read(root, "CHANGELOG.md")?;
    let heads = |name: &str| {
        let own = |line: &str| line.trim_start_matches('[').strip_prefix(name).map(str::to_owned);
        let mut lines = text.lines().filter_map(|line| line.strip_prefix("## ").and_then(own));
        lines.any(|rest| rest.is_empty() || rest.starts_with([' ', ']']))
    };
    Ok(unless(
        heads(version) || heads("Unreleased"),
        format!("CHANGELOG.md has neither `## {version}` nor `## Unreleased`"),
    ))
}

/// The reference is that of the package as it is built here; where it isn't, tests in the browser will tell.
fn reference(root: &Path) -> Result<Problems> {
    if !root.join("pkg/dist/index.d.ts").is_file() {
        return Ok(Vec::new());
    }
    const PRINT: &str = "import { reference } from './pkg/scripts/reference.mjs'; process.stdout.write(reference());";
    let mut print = node::node()?;
    let found = shell::output(print.args(["--input-type=module", "-e", PRINT]))?;
    let problem = "docs/api.md is out of date: run `node pkg/scripts/reference.mjs`";
    Ok(unless(read(root, "docs/api.md")?.trim() == found, problem.into()))
}

fn archives(_: &Path) -> Result<Problems> {
    data::wrong_archives()
}

fn adapter(_: &Path) -> Result<Problems> {
    let (found, expected) = (model::committed_adapter()?, model::hashes()?.adapter);
    let problem = format!("the adapter is {found}, and models/manifest.json has {expected}");
    Ok(unless(found == expected, problem))
}

fn pack(root: &Path) -> Result<Problems> {
    const PACK: &str = "models/packs/catalogue.safetensors";
    let bytes = fs::read(root.join(PACK)).with_context(|| format!("cannot read {PACK}"))?;
    let metadata = metadata(&bytes).with_context(|| format!("{PACK} has no header"))?;
    let Hashes { checkpoint, adapter } = model::hashes()?;
    let problem = |(key, expected): (&str, String)| {
        let found = metadata[key].as_str().unwrap_or("none");
        let problem = format!("{PACK} has the {key} {found}, and models/manifest.json {expected}");
        unless(found == expected, problem)
    };
    Ok([("base_sha256", checkpoint), ("adapter_sha256", adapter)]
        .into_iter()
        .flat_map(problem)
        .collect())
}

/// What the header of a safetensors file says of the file.
fn metadata(file: &[u8]) -> Option<Value> {
    let (length, rest) = file.split_first_chunk()?;
    let header = rest.get(..usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
    let header: Value = serde_json::from_slice(header).ok()?;
    header.get("__metadata__").cloned()
}

fn notices(_: &Path) -> Result<Problems> {
    Ok(unless(licences::is_current()?, licences::OUTDATED.into()))
}

fn crate_files(root: &Path) -> Result<Problems> {
    let list =
        shell::output(shell::cargo().args(["package", "--list", "--allow-dirty", "--quiet"]))?;
    // What cargo adds is not on the disk, and small.
    let size = |file: &str| Some((file.to_owned(), fs::metadata(root.join(file)).ok()?.len()));
    Ok(too_large(&list.lines().filter_map(size).collect::<Vec<_>>()))
}

fn too_large(files: &[(String, u64)]) -> Problems {
    let megabytes = |bytes: u64| format!("{:.1} MB", bytes as f64 / 1e6);
    let large = files.iter().filter(|(_, bytes)| *bytes > MAX_FILE);
    let mut problems: Problems = large
        .map(|(file, bytes)| {
            format!(
                "the crate holds {file} of {}, more than {}",
                megabytes(*bytes),
                megabytes(MAX_FILE)
            )
        })
        .collect();
    let total = files.iter().map(|(_, bytes)| bytes).sum();
    if total > MAX_CRATE {
        problems.push(format!(
            "the crate has {}, more than {}",
            megabytes(total),
            megabytes(MAX_CRATE)
        ));
    }
    problems
}

fn unless(holds: bool, problem: String) -> Problems {
    if holds { Vec::new() } else { vec![problem] }
}

fn read(root: &Path, file: &str) -> Result<String> {
    fs::read_to_string(root.join(file)).with_context(|| format!("cannot read {file}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A repository of a few files, in a folder of its own.
    fn with_files(
        name: &str,
        files: &[(&str, &str)],
        check: impl Fn(&Path) -> Result<Problems>,
    ) -> Problems {
        let root =
            std::env::temp_dir().join(format!("xtask-release-{name}-{}", std::process::id()));
        for (file, text) in files {
            let path = root.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let problems = check(&root);
        fs::remove_dir_all(root).unwrap();
        problems.unwrap()
    }

    const CRATE: (&str, &str) = (
        "Cargo.toml",
        "[workspace]\nresolver = \"3\"\n[package]\nname = \"toolgen\"\nversion = \"1.2.3\"\n",
    );

    #[test]
    fn versions_that_differ_are_named() {
        let problems = |page: &str| {
            let page = format!(r#"{{"dependencies": {{"toolgen": "{page}"}}}}"#);
            let lock = r#"{"packages": {"pkg": {"version": "1.2.3"}, "www": {"dependencies": {"toolgen": "1.2.3"}}}}"#;
            let files = [
                CRATE,
                ("pkg/package.json", r#"{"version": "1.2.3"}"#),
                ("www/package.json", &page),
                ("package-lock.json", lock),
            ];
            with_files("versions", &files, versions)
        };
        assert_eq!(problems("1.2.3"), Problems::new());
        let found = problems("1.2.2");
        assert!(found.len() == 1 && found[0].contains("www/package.json has 1.2.2"), "{found:?}");
    }

    #[test]
    fn the_changelog_has_the_version_or_unreleased() {
        for (heading, is_right) in [
            ("## Unreleased", true),
            ("## [Unreleased]", true),
            ("## 1.2.3", true),
            ("## [1.2.3] - 2030-01-01", true),
            ("## 1.2.30", false),
            ("## 1.2", false),
            ("### Unreleased", false),
        ] {
            let found = with_files("changelog", &[CRATE, ("CHANGELOG.md", heading)], changelog);
            assert_eq!(found.is_empty(), is_right, "{heading}: {found:?}");
        }
    }

    #[test]
    fn a_pack_says_which_model_it_fits() {
        let header = br#"{"__metadata__":{"base_sha256":"abc"}}"#;
        let pack = [&(header.len() as u64).to_le_bytes()[..], header, b"tensors"].concat();
        assert_eq!(metadata(&pack).unwrap()["base_sha256"], "abc");
        for length in 0..8 + header.len() {
            assert_eq!(metadata(&pack[..length]), None, "{length} bytes");
        }
    }

    #[test]
    fn large_files_and_a_large_crate_are_named() {
        let files = |sizes: &[u64]| -> Vec<_> {
            sizes
                .iter()
                .enumerate()
                .map(|(index, &bytes)| (format!("file-{index}"), bytes))
                .collect()
        };
        assert_eq!(too_large(&files(&[MAX_FILE; 10])), Problems::new());
        let found = too_large(&files(&[1, 14_368_208]));
        assert_eq!(
            found,
            [
                "the crate holds file-1 of 14.4 MB, more than 1.0 MB",
                "the crate has 14.4 MB, more than 10.0 MB"
            ]
        );
    }
}
