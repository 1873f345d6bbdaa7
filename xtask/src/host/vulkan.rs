//! A Vulkan driver for the native tests of the GPU backend: the system's, else Debian's software one.

use anyhow::{Context, Result};
use std::path::Path;

use super::apt::{self, Install};

/// Where drivers announce themselves (the Vulkan loader's manual, "Driver Discovery on Linux").
const FOLDERS: [&str; 3] =
    ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d", "/usr/local/share/vulkan/icd.d"];
const PACKAGE: &str = "mesa-vulkan-drivers";

/// Makes sure that there is a driver. Elsewhere than on Linux the system has one.
pub fn require(install: Install) -> Result<()> {
    if !cfg!(target_os = "linux") || has_driver() {
        return Ok(());
    }
    apt::require(&[PACKAGE], install)
        .context("no Vulkan driver was found, and the GPU tests need one")
}

fn has_driver() -> bool {
    let named = |name| std::env::var_os(name).is_some();
    let holds_any =
        |folder: &str| Path::new(folder).read_dir().is_ok_and(|mut files| files.next().is_some());
    named("VK_DRIVER_FILES")
        || named("VK_ICD_FILENAMES")
        || FOLDERS.iter().any(|folder| holds_any(folder))
}
