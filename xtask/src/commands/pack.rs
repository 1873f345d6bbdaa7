//! `cargo xtask pack`: the npm packages, of the scripts and of the checkpoint, in `target/npm`.

use anyhow::Result;
use std::fs;

use super::install;
use crate::build::{Profile, module, npm};
use crate::fetch::checkpoint;
use crate::host::{node, project, shell};

pub fn run(arguments: lexopt::Parser) -> Result<()> {
    module::build(Profile::Web, install(arguments)?)?;
    npm::build()?;
    let checkpoint = checkpoint::build()?;
    let folder = project::target().join("npm");
    let model = folder.join("checkpoint");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let script = project::root().join("pkg/scripts/model.mjs");
    let mut cut = node::node()?;
    shell::run(cut.arg(script).arg(checkpoint).arg(&model).args(["--name", "toolgen-135m"]))?;
    for package in [project::root().join("pkg"), model] {
        let mut pack = node::npm();
        pack.args(["pack", "--silent", "--pack-destination"]).arg(&folder).arg(package);
        shell::run(&mut pack)?;
    }
    eprintln!("packed into {}", project::shown(&folder));
    Ok(())
}
