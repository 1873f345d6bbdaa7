//! Debian's packages, where a program or driver is missing.

use anyhow::{Context, Result, bail};

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
    let steps = [
        vec!["apt-get", "update"],
        [&["apt-get", "install", "-y", "--no-install-recommends"], packages].concat(),
    ];
    let by_hand = steps.each_ref().map(|step| step.join(" ")).join(" && ");
    if install == Install::Forbidden {
        let command = std::env::args().nth(1).unwrap_or_default();
        bail!("run `{by_hand}` as root, or `cargo xtask {command} --install`, which does the same");
    }
    for step in steps {
        let mut apt = shell::command(step[0]);
        apt.env("DEBIAN_FRONTEND", "noninteractive").args(&step[1..]);
        shell::run(&mut apt).with_context(|| format!("run by hand, as root: {by_hand}"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_installed_unasked() {
        let error = require(&["chromium"], Install::Forbidden).unwrap_err().to_string();
        if shell::which("apt-get").is_some() {
            assert!(error.contains("apt-get update && apt-get install -y"), "{error}");
            assert!(error.contains("chromium` as root") && error.contains("--install"), "{error}");
        } else {
            assert!(error.contains("chromium"), "{error}");
        }
    }
}
