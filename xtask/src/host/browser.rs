//! The Chromium that browser tests and benchmarks drive.

use anyhow::{Context, Result, bail};
use std::path::PathBuf;

use super::apt::{self, Install};
use super::shell;

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const MISSING: &str = "no Chromium was found, and CHROMIUM does not name one";

/// The browser: `CHROMIUM` if it is set, else one on the path, else Debian's.
pub fn find(install: Install) -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("CHROMIUM").map(PathBuf::from) {
        if !path.is_file() {
            bail!("CHROMIUM names {}, which is not a file", path.display());
        }
        return Ok(path);
    }
    let on_path = || NAMES.iter().find_map(|name| shell::which(name));
    if let Some(path) = on_path() {
        return Ok(path);
    }
    apt::require(&["chromium"], install).context(MISSING)?;
    on_path().context(MISSING)
}
