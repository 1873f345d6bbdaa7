//! The house: folders and files know only those below them, and hold one concept each.
//!
//! Imports are read off the sources: `use` declarations and paths in code, up to the tests at a file's end. Within
//! every folder, files and folders stand side by side; an import between two of them is a tie, and no ties may
//! form a circle. A folder's `mod.rs` is one of them where it has code; its re-exports are no ties.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use regex::Regex;

const MAX_LINES: usize = 400;

/// Every source file below `folder`, by its module path: `["agent", "step"]`.
fn modules(folder: &Path) -> BTreeMap<Vec<String>, PathBuf> {
    let mut modules = BTreeMap::new();
    for file in files(folder, "rs") {
        let inside = file.strip_prefix(folder).unwrap().with_extension("");
        let mut path: Vec<String> =
            inside.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
        if path.last().is_some_and(|last| matches!(last.as_str(), "mod" | "lib" | "main")) {
            path.pop();
        }
        if path.first().is_none_or(|first| first != "bin") {
            modules.insert(path, file);
        }
    }
    modules
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|own| own == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// A file's code: without comments, strings' contents and tests.
fn code(file: &Path) -> String {
    let text = std::fs::read_to_string(file).unwrap();
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap();
    let lines = text.lines().map(|line| line.split("//").next().unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

/// `a::{b, c::{d, e}}` as `a::b`, `a::c::d`, `a::c::e`.
fn flatten(tree: &str) -> Vec<String> {
    let Some(open) = tree.find('{') else { return vec![tree.trim().to_owned()] };
    let (head, body) = (tree[..open].trim(), &tree[open + 1..tree.rfind('}').unwrap()]);
    let (mut depth, mut parts, mut part) = (0, Vec::new(), String::new());
    for c in body.chars() {
        match c {
            ',' if depth == 0 => parts.push(std::mem::take(&mut part)),
            c => {
                depth += i32::from(c == '{') - i32::from(c == '}');
                part.push(c);
            }
        }
    }
    parts.push(part);
    let parts = parts.iter().filter(|part| !part.trim().is_empty());
    parts.flat_map(|part| flatten(part)).map(|path| format!("{head}{path}")).collect()
}

struct Sources {
    modules: BTreeMap<Vec<String>, PathBuf>,
    /// By module: re-exported names and where they lead.
    exports: BTreeMap<Vec<String>, BTreeMap<String, Vec<String>>>,
    /// By module: what it names.
    imports: BTreeMap<Vec<String>, BTreeSet<Vec<String>>>,
}

impl Sources {
    fn read(folder: &Path) -> Self {
        let uses = Regex::new(r"(?m)^\s*(pub(?:\([a-z: ]+\))?\s+)?use\s+([^;]+);").unwrap();
        let paths = Regex::new(r"\b(?:crate|super|self)(?:::\w+)+").unwrap();
        let modules = modules(folder);
        let (mut exports, mut imports) = (BTreeMap::new(), BTreeMap::new());
        for (module, file) in &modules {
            let code = code(file);
            let own: &mut BTreeMap<String, Vec<String>> =
                exports.entry(module.clone()).or_default();
            let named: &mut BTreeSet<Vec<String>> = imports.entry(module.clone()).or_default();
            for found in uses.captures_iter(&code) {
                for path in flatten(&found[2]) {
                    let path = path.split(" as ").next().unwrap().trim().to_owned();
                    let Some(path) = absolute(module, &path, &modules) else { continue };
                    match found.get(1) {
                        Some(_) => drop(own.insert(path.last().unwrap().clone(), path)),
                        None => drop(named.insert(path)),
                    }
                }
            }
            let rest = uses.replace_all(&code, "");
            let inline =
                paths.find_iter(&rest).filter_map(|p| absolute(module, p.as_str(), &modules));
            named.extend(inline);
        }
        Self { modules, exports, imports }
    }

    /// The module that defines what `path` names.
    fn home(&self, path: &[String]) -> Vec<String> {
        let mut path = path.to_vec();
        for _ in 0..8 {
            let len = (0..=path.len()).rev().find(|&len| self.modules.contains_key(&path[..len]));
            let module = path[..len.unwrap()].to_vec();
            let Some(name) = path.get(module.len()) else { return module };
            let Some(leads) = self.exports[&module].get(name) else { return module };
            path = [leads.clone(), path[module.len() + 1..].to_vec()].concat();
        }
        panic!("{path:?} is re-exported in a circle");
    }

    /// In each folder the ties between what stands side by side, `mod` for the folder's own file.
    fn ties(&self) -> BTreeMap<Vec<String>, BTreeMap<String, BTreeSet<String>>> {
        let mut ties: BTreeMap<Vec<String>, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
        for (from, imports) in &self.imports {
            for to in imports.iter().map(|path| self.home(path)) {
                let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
                let child = |path: &[String]| path.get(shared).cloned().unwrap_or("mod".into());
                let (a, b) = (child(from), child(&to));
                if a != b {
                    ties.entry(from[..shared].to_vec())
                        .or_default()
                        .entry(a)
                        .or_default()
                        .insert(b);
                }
            }
        }
        ties
    }
}

/// A path of this crate from its root, or none.
fn absolute(
    module: &[String],
    path: &str,
    modules: &BTreeMap<Vec<String>, PathBuf>,
) -> Option<Vec<String>> {
    let mut parts = path.split("::").map(str::to_owned).peekable();
    let mut base = match parts.peek()?.as_str() {
        "crate" => Vec::new(),
        "self" => module.to_vec(),
        "super" => module.to_vec(),
        first => {
            // `use child::Item` in a folder's own file.
            let child = [module, &[first.to_owned()]].concat();
            return modules
                .contains_key(&child)
                .then(|| [module.to_vec(), parts.collect()].concat());
        }
    };
    while parts.next_if(|part| part == "super").is_some() {
        base.pop();
    }
    parts.next_if(|part| part == "crate" || part == "self");
    base.extend(parts);
    Some(base)
}

/// A circle of ties, if there is one.
fn circle(ties: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    fn walk(
        at: &str,
        ties: &BTreeMap<String, BTreeSet<String>>,
        path: &mut Vec<String>,
        done: &mut BTreeSet<String>,
    ) -> Option<Vec<String>> {
        if let Some(start) = path.iter().position(|earlier| earlier == at) {
            return Some([&path[start..], &[at.to_owned()]].concat());
        }
        if !done.insert(at.to_owned()) {
            return None;
        }
        path.push(at.to_owned());
        let found = ties.get(at).into_iter().flatten().find_map(|to| walk(to, ties, path, done));
        path.pop();
        found
    }
    let mut done = BTreeSet::new();
    ties.keys().find_map(|start| walk(start, ties, &mut Vec::new(), &mut done))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn no_folder_and_no_file_is_part_of_an_import_circle() {
    let mut circles = Vec::new();
    for folder in ["src", "src/bin/toolgen", "xtask/src"] {
        for (place, ties) in Sources::read(&root().join(folder)).ties() {
            let place = [folder, &place.join("/")].join("/");
            circles.extend(circle(&ties).map(|circle| format!("{place}: {}", circle.join(" -> "))));
        }
    }
    assert!(circles.is_empty(), "{}", circles.join("\n"));
}

/// `lib.rs` names the modules in an order in which each knows only those before it.
#[test]
fn the_tour_of_the_crate_is_true() {
    let text = std::fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let list = text.lines().filter(|line| line.starts_with("//! ") && line[4..].contains("[`"));
    let links = Regex::new(r"\[`(\w+)`\]").unwrap();
    let names = list
        .flat_map(|line| links.captures_iter(line).map(|c| c[1].to_owned()).collect::<Vec<_>>());
    let order: Vec<String> = names.collect();
    let ties = Sources::read(&root().join("src")).ties().remove(&Vec::new()).unwrap();
    let place = |name: &str| order.iter().position(|other| other == name);
    for (from, to) in ties.iter().flat_map(|(from, all)| all.iter().map(move |to| (from, to))) {
        if let (Some(a), Some(b)) = (place(from), place(to)) {
            assert!(b < a, "`{from}` knows `{to}`, which lib.rs names after it");
        }
    }
    for module in ["gguf", "backend", "tool", "generation", "rows", "agent"] {
        assert!(place(module).is_some(), "lib.rs does not name `{module}`");
    }
}

#[test]
fn files_are_short() {
    let mut long = Vec::new();
    for folder in ["src", "xtask/src", "tests", "bench"] {
        for file in ["rs", "wgsl"].iter().flat_map(|kind| files(&root().join(folder), kind)) {
            let lines = std::fs::read_to_string(&file).unwrap().lines().count();
            if lines > MAX_LINES {
                long.push(format!("{}: {lines} lines", file.display()));
            }
        }
    }
    assert!(long.is_empty(), "over {MAX_LINES} lines:\n{}", long.join("\n"));
}

#[test]
fn circles_are_found() {
    let ties = |pairs: &[(&str, &str)]| {
        let mut ties: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (from, to) in pairs {
            ties.entry((*from).into()).or_default().insert((*to).into());
        }
        ties
    };
    assert_eq!(circle(&ties(&[("a", "b"), ("b", "c"), ("a", "c")])), None);
    let found = circle(&ties(&[("a", "b"), ("b", "c"), ("c", "b")])).unwrap();
    assert_eq!(found, ["b", "c", "b"]);
    assert_eq!(flatten("a::{b, c::{d, e}}"), ["a::b", "a::c::d", "a::c::e"]);
}
