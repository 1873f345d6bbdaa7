//! `cargo xtask licences`: under what all that ships may be passed on, and the notices that go along with it.

use anyhow::{Result, bail};
use lexopt::prelude::*;
use std::fs;
use std::path::PathBuf;

use crate::host::{node, project};
use crate::licences::notices::notices;
use crate::licences::parts::{self, Part};

pub fn run(mut arguments: lexopt::Parser) -> Result<()> {
    match arguments.next()? {
        None => list(),
        Some(Long("write")) => Ok(fs::write(file(), wanted()?)?),
        Some(Long("check")) if is_current()? => Ok(()),
        Some(Long("check")) => bail!(OUTDATED),
        Some(other) => Err(other.unexpected().into()),
    }
}

pub const OUTDATED: &str =
    "THIRD-PARTY-NOTICES.txt is not of these lock files: run `cargo xtask licences --write`";

/// Whether the notices are those of the lock files.
pub fn is_current() -> Result<bool> {
    let wanted = wanted()?;
    Ok(fs::read_to_string(file()).is_ok_and(|kept| kept == wanted))
}

fn wanted() -> Result<String> {
    node::install(project::root())?;
    notices(&parts::of_module()?, &parts::of_page()?)
}

/// It lies beside the licences; the package and the page get it when they are built.
fn file() -> PathBuf {
    project::root().join("THIRD-PARTY-NOTICES.txt")
}

fn list() -> Result<()> {
    print("In the module, of the package and the page", &parts::of_module()?);
    print("In the page's scripts; the package's have none", &parts::of_page()?);
    print("In the program", &parts::of_program()?);
    println!(
        "The model\n  SmolLM2-135M-Instruct, the base: Apache-2.0\n  toolgen-135m, its adapter: Apache-2.0"
    );
    println!("\nData sets of training and judging, which ship with neither package nor page");
    for (name, licence) in parts::data_sets()? {
        println!("  {name}: {licence}");
    }
    Ok(())
}

fn print(title: &str, parts: &[Part]) {
    println!("{title}");
    for Part { name, version, licence, .. } in parts {
        println!("  {name} {version}: {licence}");
    }
    println!();
}
