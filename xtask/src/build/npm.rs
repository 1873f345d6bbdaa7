//! The npm package and the page.

use anyhow::Result;
use std::path::PathBuf;

use crate::host::stamp::{Stamp, hash_sources};
use crate::host::{node, project, shell};

/// Builds the npm package and the page, unless their sources are unchanged.
pub fn build() -> Result<()> {
    let root = project::root();
    node::install(root)?;
    let sources = [
        "pkg",
        "www",
        "models/catalogue",
        "docs/results", // the lesson's figures
        "package-lock.json",
        "package.json",
        "tsconfig.json",
    ];
    let sources = sources.map(|source| root.join(source));
    let results: [PathBuf; 2] = [root.join("pkg/dist"), root.join("www/dist")];
    let stamp = Stamp::new("page", hash_sources(&sources)?);
    if stamp.is_fresh(&results) {
        // The model may have been fetched, or changed, since; nothing is done if it wasn't.
        return shell::run(node::node()?.arg("www/model.mjs"));
    }
    eprintln!("building the page");
    stamp.clear();
    shell::run(&mut node::script("build"))?;
    stamp.set()
}
