//! Debian's packages, where a program or driver is missing.

use anyhow::{Result, bail};

use super::shell;

/// Whether packages may be installed: by `--install` alone, since that needs root and changes the machine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Install {
    Allowed,
    Forbidden,
}

/// Installs `packages`, or fails with the commands that do.
pub fn require(packages: &[&str], install: Install) -> Result<()> {
    if shell::which("apt-get").is_none() {
        bail!("there is no apt-get here, which could install {}", packages.join(" "));
    }
    let sudo: &[&str] = if is_root() { &[] } else { &["sudo"] };
    let install_packages = ["apt-get", "install", "-y", "--no-install-recommends"];
    let steps =
        [[sudo, &["apt-get", "update"]].concat(), [sudo, &install_packages, packages].concat()];
    if install == Install::Forbidden {
        let by_hand = steps.map(|step| step.join(" ")).join(" && ");
        let command = std::env::args().nth(1).unwrap_or_default();
        bail!("run `{by_hand}`, or `cargo xtask {command} --install`, which does the same");
    }
    for step in steps {
        shell::run(shell::command(step[0]).args(&step[1..]))?;
    }
    Ok(())
}

fn is_root() -> bool {
    shell::output(shell::command("id").arg("-u")).is_ok_and(|user| user == "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_installed_unasked() {
        let error = require(&["chromium"], Install::Forbidden).unwrap_err().to_string();
        if shell::which("apt-get").is_some() {
            for part in ["apt-get update && ", "apt-get install -y", "chromium`", "--install`"] {
                assert!(error.contains(part), "{error}");
            }
        } else {
            assert!(error.contains("chromium"), "{error}");
        }
    }
}
