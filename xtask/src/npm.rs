//! The JavaScript side, by npm.

use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::stamp::{Stamp, hash_file, hash_sources};
use crate::{project, release, shell, web};

const OLDEST_NODE: u32 = 20;

/// Node, which must be there.
pub fn node() -> Result<Command> {
    const MISSING: &str = "Node.js 20 or newer is needed: install it and try again";
    let version = shell::output(shell::command("node").arg("--version")).context(MISSING)?;
    let major = version.trim_start_matches('v').split('.').next();
    let major = major.and_then(|major| major.parse::<u32>().ok());
    ensure!(major >= Some(OLDEST_NODE), "Node.js is {version}; {MISSING}");
    Ok(shell::command("node"))
}

/// Installs exactly what the lock file names.
pub fn install() -> Result<()> {
    install_in(project::root())
}

/// The same for the peers that only the benchmark measures.
pub fn install_peers() -> Result<()> {
    install_in(&project::root().join("bench/peers"))
}

fn install_in(folder: &Path) -> Result<()> {
    node()?;
    let lock = hash_file(&folder.join("package-lock.json"))?;
    let stamp = folder.join("node_modules/.lock-sha256");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    eprintln!("installing npm packages in {}", project::shown(folder));
    // No package here needs its install script; esbuild's only checks itself.
    let mut ci = npm();
    ci.current_dir(folder).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    shell::run(&mut ci)?;
    fs::write(stamp, lock)?;
    Ok(())
}

/// Builds the npm package and the page, unless their sources are unchanged.
pub fn build() -> Result<()> {
    install()?;
    let root = project::root();
    let sources =
        ["pkg", "www", "models/catalogue", "package-lock.json", "package.json", "tsconfig.json"];
    let sources = sources.map(|source| root.join(source));
    let results: [PathBuf; 2] = [root.join("pkg/dist"), root.join("www/dist")];
    let stamp = Stamp::new("page", hash_sources(&sources)?);
    if stamp.is_fresh(&results) {
        return Ok(());
    }
    eprintln!("building the page");
    stamp.clear();
    run("build")?;
    stamp.set()
}

/// Makes `target/npm`: the tarballs of the package and of the checkpoint's.
pub fn pack() -> Result<()> {
    web::build()?;
    build()?;
    let checkpoint = release::build()?;
    let folder = project::target().join("npm");
    let model = folder.join("checkpoint");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let script = project::root().join("pkg/scripts/model.mjs");
    shell::run(node()?.arg(script).arg(checkpoint).arg(&model).args(["--name", "toolgen-135m"]))?;
    for package in [project::root().join("pkg"), model] {
        let mut pack = npm();
        shell::run(
            pack.args(["pack", "--silent", "--pack-destination"]).arg(&folder).arg(package),
        )?;
    }
    eprintln!("packed into {}", project::shown(&folder));
    Ok(())
}

/// Runs a script of the root `package.json`.
pub fn run(script: &str) -> Result<()> {
    shell::run(npm().args(["run", "--silent", script]))
}

/// npm itself, for callers that add to its environment.
pub fn npm() -> Command {
    shell::command(if cfg!(windows) { "npm.cmd" } else { "npm" })
}
