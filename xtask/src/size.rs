//! What a visitor downloads, in bytes.

use anyhow::{Context, Result};
use flate2::{Compression, write::GzEncoder};
use serde::Serialize;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::{project, release, web};

#[derive(Serialize)]
pub struct Size {
    pub wasm: u64,
    pub wasm_gzip: u64,
    /// All scripts of the npm package.
    pub js_gzip: u64,
    pub checkpoint: u64,
}

pub fn measure() -> Result<Size> {
    let wasm = read(&web::bindings().join("toolgen_bg.wasm"))?;
    let mut js_gzip = 0;
    for script in scripts(&project::root().join("pkg/dist"))? {
        js_gzip += gzip(&read(&script)?)?;
    }
    Ok(Size {
        wasm: wasm.len() as u64,
        wasm_gzip: gzip(&wasm)?,
        js_gzip,
        checkpoint: fs::metadata(release::build()?)?.len(),
    })
}

fn scripts(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut scripts = Vec::new();
    let entries =
        fs::read_dir(folder).with_context(|| format!("{} is not built", project::shown(folder)))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            scripts.extend(self::scripts(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "js") {
            scripts.push(path);
        }
    }
    Ok(scripts)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", project::shown(path)))
}

fn gzip(bytes: &[u8]) -> Result<u64> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len() as u64)
}

#[cfg(test)]
mod tests {
    #[test]
    fn gzip_shrinks_repetition() {
        assert!(super::gzip(&[0; 10_000]).unwrap() < 100);
    }
}
