//! Where things are in the project.

use std::path::{Path, PathBuf};

/// The repository: the folder above this crate.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the repository")
}

/// Weights, tools and data.
pub fn models() -> PathBuf {
    root().join("models")
}

/// Cargo's target folder.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// This tool's own working files. It does not follow `CARGO_TARGET_DIR`,
/// because what the stamps in it describe lies in the repository.
pub fn work() -> PathBuf {
    root().join("target").join("xtask")
}

/// `path` as seen from the repository, for messages.
pub fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::shell;

    /// All that training and judging read lies in the repository, or is fetched.
    #[test]
    fn no_file_names_a_folder_beside_the_repository() {
        let outside = ["..", "shared", ""].join("/");
        let files = shell::output(shell::command("git").args(["ls-files"])).unwrap();
        for file in files.lines() {
            // A file may be deleted and not yet committed.
            let Ok(bytes) = std::fs::read(root().join(file)) else { continue };
            let names_it = bytes.windows(outside.len()).any(|part| part == outside.as_bytes());
            assert!(!names_it, "{file} names {outside}");
        }
    }
}
