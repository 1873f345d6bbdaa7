//! npm packages, by npm.

use anyhow::Result;
use std::path::Path;

use crate::host::{node, shell};

/// Downloads the package's tarball into `folder`. npm knows the user's registry and proxy.
pub fn download(name: &str, version: &str, folder: &Path) -> Result<()> {
    node::node()?;
    let mut pack = node::npm();
    pack.args(["pack", "--silent", "--pack-destination"]).arg(folder);
    shell::run(pack.arg(format!("{name}@{version}")))
}
