//! Files of a release, by curl.

use anyhow::{Context, Result};
use std::io::{IsTerminal, stderr};
use std::path::{Path, PathBuf};

use crate::host::shell;

/// Downloads the file of the same name into `folder`; its path there. curl knows the user's proxy and certificates.
pub fn download(repository: &str, tag: &str, file: &Path, folder: &Path) -> Result<PathBuf> {
    let name = file.file_name().context("a file has a name")?;
    let download = folder.join(name);
    let mut curl = shell::command("curl");
    curl.args(["--fail", "--location", "--show-error"]);
    curl.arg(if stderr().is_terminal() { "--progress-bar" } else { "--silent" });
    curl.arg("--output").arg(&download);
    curl.arg(format!("{repository}/releases/download/{tag}/{}", name.to_string_lossy()));
    shell::run(&mut curl)?;
    Ok(download)
}
