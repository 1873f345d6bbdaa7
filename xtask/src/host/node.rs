//! Node.js, npm, and the packages that lock files name.

use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;
use std::process::Command;

use super::stamp::hash_file;
use super::{project, shell};

/// The first that ends test files whose servers are still open.
const OLDEST: (u32, u32) = (20, 14);

/// Node, which must be there.
pub fn node() -> Result<Command> {
    const MISSING: &str = "Node.js 20.14 or newer is needed: install it and try again";
    let version = shell::output(shell::command("node").arg("--version")).context(MISSING)?;
    let mut numbers =
        version.trim_start_matches('v').split('.').map_while(|part| part.parse().ok());
    let found = numbers.next().zip(numbers.next());
    ensure!(found >= Some(OLDEST), "Node.js is {version}; {MISSING}");
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
