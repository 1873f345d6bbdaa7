//! Node.js, npm, and the packages that lock files name.

use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;
use std::process::Command;

use super::stamp::hash_file;
use super::{project, shell};

const OLDEST: u32 = 20;

/// Node, which must be there.
pub fn node() -> Result<Command> {
    const MISSING: &str = "Node.js 20 or newer is needed: install it and try again";
    let version = shell::output(shell::command("node").arg("--version")).context(MISSING)?;
    let major = version.trim_start_matches('v').split('.').next();
    let major = major.and_then(|major| major.parse::<u32>().ok());
    ensure!(major >= Some(OLDEST), "Node.js is {version}; {MISSING}");
    Ok(shell::command("node"))
}

/// npm itself.
pub fn npm() -> Command {
    shell::command(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

/// A script of the root `package.json`.
pub fn script(name: &str) -> Command {
    let mut npm = npm();
    npm.args(["run", "--silent", name]);
    npm
}

/// Installs exactly what the lock file of `folder` names.
pub fn install(folder: &Path) -> Result<()> {
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
