//! What a visitor downloads, in bytes.

use anyhow::{Context, Result, ensure};
use flate2::{Compression, write::GzEncoder};
use serde::Serialize;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::module;
use crate::host::project;

#[derive(Serialize)]
pub struct Size {
    pub wasm: u64,
    pub wasm_gzip: u64,
    /// The scripts that `import "toolgen"` loads, its worker's included; importers and adapters are entries of
    /// their own.
    pub js_gzip: u64,
    pub checkpoint: u64,
    pub adapter: u64,
}

/// Most bytes, for a page that is opened on a phone.
const MOST_WASM: u64 = 5_000_000;
const MOST_WASM_GZIP: u64 = 1_600_000;
/// What carries calls out over HTTP and conversations are loaded by those who need them and don't count.
const MOST_JS_GZIP: u64 = 31_500;
const MOST_MODEL: u64 = 106_000_000;

impl Size {
    /// Fails when the package has outgrown its limits.
    pub fn check(&self) -> Result<()> {
        for (what, bytes, most) in [
            ("the module", self.wasm, MOST_WASM),
            ("the gzipped module", self.wasm_gzip, MOST_WASM_GZIP),
            ("the gzipped scripts", self.js_gzip, MOST_JS_GZIP),
            ("checkpoint and adapter", self.checkpoint + self.adapter, MOST_MODEL),
        ] {
            ensure!(bytes <= most, "{what}: {bytes} bytes, more than {most}");
        }
        Ok(())
    }
}

pub fn measure(checkpoint: &Path, adapter: &Path) -> Result<Size> {
    // The largest of three, of which a browser loads one.
    let module = |name| read(&module::bindings().join(name));
    let files = ["toolgen_bg.wasm", "toolgen_relaxed_bg.wasm", "toolgen_threads_bg.wasm"];
    let modules = files.map(module).into_iter().collect::<Result<Vec<_>>>()?;
    let wasm = modules.into_iter().max_by_key(Vec::len).expect("three");
    let mut js_gzip = 0;
    for script in scripts(&project::root().join("pkg/dist"))? {
        js_gzip += gzip(&read(&script)?)?;
    }
    Ok(Size {
        wasm: wasm.len() as u64,
        wasm_gzip: gzip(&wasm)?,
        js_gzip,
        checkpoint: fs::metadata(checkpoint)?.len(),
        adapter: fs::metadata(adapter)?.len(),
    })
}

/// The entry, the chunks that it imports, and the worker.
fn scripts(dist: &Path) -> Result<Vec<PathBuf>> {
    let mut scripts = vec![dist.join("index.js"), dist.join("worker.js")];
    let chunks = dist.join("chunks");
    let mut next = 0;
    while next < scripts.len() {
        let text = String::from_utf8(read(&scripts[next])?)?;
        for entry in fs::read_dir(&chunks)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let is_script = name.ends_with(".js") && text.contains(&format!("/{name}\""));
            if is_script && !scripts.contains(&path) {
                scripts.push(path);
            }
        }
        next += 1;
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
