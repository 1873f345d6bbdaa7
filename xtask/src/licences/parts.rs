//! What ships of others' work, by the lock files.

use anyhow::{Context, Result};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::host::{project, shell};

/// A crate or package that is part of what ships.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    pub name: String,
    pub version: String,
    /// As SPDX writes it.
    pub licence: String,
    /// Where its files are.
    pub folder: PathBuf,
}

/// The crates in the WebAssembly module.
pub fn of_module() -> Result<Vec<Part>> {
    crates("wasm32-unknown-unknown", &["--no-default-features", "--features", "relaxed-simd"])
}

/// The crates in the program, on x86-64 Linux.
pub fn of_program() -> Result<Vec<Part>> {
    crates("x86_64-unknown-linux-gnu", &[])
}

/// The crates that toolgen is linked of: no macros, and nothing that only builds or tests it.
fn crates(target: &str, features: &[&str]) -> Result<Vec<Part>> {
    let mut metadata = shell::cargo();
    metadata.args(["metadata", "--format-version", "1", "--locked", "--all-features"]);
    metadata.args(["--filter-platform", target]);
    let metadata: Value = serde_json::from_str(&shell::output(&mut metadata)?)?;
    let known: BTreeMap<(&str, &str), &Value> = metadata["packages"]
        .as_array()
        .context("cargo names no packages")?
        .iter()
        .map(|package| ((text(package, "name"), text(package, "version")), package))
        .collect();
    let mut tree = shell::cargo();
    tree.args(["tree", "--locked", "--package", "toolgen", "--target", target]);
    tree.args(["--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}"]);
    let tree = shell::output(tree.args(features))?;
    // `regex v1.13.2`, perhaps with ` (*)` behind it.
    let names: BTreeSet<(&str, &str)> = tree.lines().filter_map(name_and_version).collect();
    let part = |(name, version)| {
        let package = known.get(&(name, version)).with_context(|| format!("{name} {version}?"))?;
        let manifest = Path::new(text(package, "manifest_path"));
        Ok(Part {
            name: name.into(),
            version: version.into(),
            licence: text(package, "license").replace('/', " OR "),
            folder: manifest.parent().context("a manifest has a folder")?.into(),
        })
    };
    names.into_iter().filter(|(name, _)| *name != "toolgen").map(part).collect()
}

fn name_and_version(line: &str) -> Option<(&str, &str)> {
    let mut words = line.split_whitespace();
    Some((words.next()?, words.next()?.strip_prefix('v')?))
}

/// The npm packages in the page's scripts; the package's own scripts have none.
pub fn of_page() -> Result<Vec<Part>> {
    let root = project::root();
    let lock: Value = serde_json::from_str(&fs::read_to_string(root.join("package-lock.json"))?)?;
    let packages = lock["packages"].as_object().context("package-lock.json has no packages")?;
    let mut parts = BTreeSet::new();
    for member in ["pkg", "www"] {
        add_dependencies(packages, member, root, &mut parts)?;
    }
    Ok(parts.into_iter().collect())
}

fn add_dependencies(
    packages: &Map<String, Value>,
    of: &str,
    root: &Path,
    parts: &mut BTreeSet<Part>,
) -> Result<()> {
    let needed = packages.get(of).and_then(|package| package["dependencies"].as_object());
    for name in needed.into_iter().flatten().map(|(name, _)| name) {
        let nested = format!("{of}/node_modules/{name}");
        let shared = format!("node_modules/{name}");
        let place = [nested, shared].into_iter().find(|place| packages.contains_key(place));
        let place = place.with_context(|| format!("package-lock.json lacks {name}"))?;
        let package = &packages[&place];
        if package["link"] == true {
            continue; // a member of the workspace
        }
        let part = Part {
            name: name.clone(),
            version: text(package, "version").into(),
            licence: text(package, "license").into(),
            folder: root.join(&place),
        };
        if parts.insert(part) {
            add_dependencies(packages, &place, root, parts)?;
        }
    }
    Ok(())
}

/// The data sets of training and judging, with their licences, from the table of `models/data/README.md`.
pub fn data_sets() -> Result<Vec<(String, String)>> {
    let table = fs::read_to_string(project::models().join("data/README.md"))?;
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        Some(((*cells.get(1)?).to_owned(), (*cells.get(3)?).to_owned()))
    };
    let rows = table.lines().skip_while(|line| !line.starts_with("|---"));
    let rows = rows.skip(1).take_while(|line| line.starts_with('|'));
    rows.map(|line| row(line).with_context(|| format!("no row of the table: {line}"))).collect()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_tree_is_a_name_and_a_version() {
        assert_eq!(name_and_version("regex v1.13.2 (*)"), Some(("regex", "1.13.2")));
        assert_eq!(name_and_version(""), None);
    }

    #[test]
    fn every_data_set_has_a_licence() {
        let sets = data_sets().unwrap();
        assert_eq!(sets.iter().find(|(name, _)| name == "sgd").unwrap().1, "CC-BY-SA-4.0");
        assert!(sets.iter().all(|(_, licence)| !licence.is_empty()));
    }

    #[test]
    fn dependencies_of_dependencies_are_parts() {
        let lock = serde_json::json!({
            "www": { "dependencies": { "a": "1", "own": "1" } }, "node_modules/own": { "link": true },
            "node_modules/a": { "version": "1", "license": "MIT", "dependencies": { "b": "2" } },
            "node_modules/a/node_modules/b": { "version": "2", "license": "ISC" },
            "node_modules/b": { "version": "3", "license": "GPL-3.0" },
        });
        let mut parts = BTreeSet::new();
        add_dependencies(lock.as_object().unwrap(), "www", Path::new("/"), &mut parts).unwrap();
        let names: Vec<_> = parts.iter().map(|p| (p.name.as_str(), p.version.as_str())).collect();
        assert_eq!(names, [("a", "1"), ("b", "2")]);
    }
}
