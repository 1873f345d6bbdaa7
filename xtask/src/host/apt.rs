//! Installing packages on Debian and its kin, where a tool is missing.

use anyhow::{Context, Result, bail};

use super::shell;

/// Installs `packages`, or says how to.
pub fn install(packages: &[&str]) -> Result<()> {
    let list = packages.join(" ");
    if shell::which("apt-get").is_none() {
        bail!("`{list}` can only be installed for you where apt-get is");
    }
    eprintln!("installing {list}");
    let by_hand = format!("install by hand, as root: apt-get install {list}");
    let apt = |arguments: &[&str]| {
        let mut command = shell::command("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").arg("-q").args(arguments);
        shell::run(&mut command)
    };
    apt(&["update"]).context(by_hand.clone())?;
    let mut arguments = vec!["install", "-y", "--no-install-recommends"];
    arguments.extend(packages);
    apt(&arguments).context(by_hand)
}
