//! `cargo xtask pack`: the npm packages, of the scripts and of the model, in `target/npm`.

use anyhow::Result;
use std::fs;

use super::install;
use crate::build::{Profile, module, npm};
use crate::fetch::model::{self, Model};
use crate::host::{node, project, shell};

pub fn run(arguments: lexopt::Parser) -> Result<()> {
    let install = install(arguments)?;
    module::build(Profile::Web, install)?;
    module::build_threads(Profile::Web, install)?;
    npm::build()?;
    let Model { checkpoint, adapter } = model::fetch()?;
    let folder = project::target().join("npm");
    let model = folder.join("model");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let script = project::root().join("pkg/scripts/model.mjs");
    let mut cut = node::node()?;
    cut.arg(script).arg(checkpoint).arg(&model).arg("--adapter").arg(adapter);
    shell::run(cut.args(["--name", "toolgen-135m"]))?;
    for package in [project::root().join("pkg"), model] {
        let mut pack = node::npm();
        pack.args(["pack", "--silent", "--pack-destination"]).arg(&folder).arg(package);
        shell::run(&mut pack)?;
    }
    eprintln!("packed into {}", project::shown(&folder));
    Ok(())
}
