//! The WebAssembly modules and their JavaScript bindings.

use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use wasm_bindgen_cli_support::Bindgen;

use crate::stamp::{Stamp, hash_file};
use crate::toolchain::{self, Toolchain};
use crate::{project, shell};

/// Builds the engine's module into `pkg/wasm`.
pub fn build() -> Result<()> {
    let features = ["--lib", "--no-default-features", "--features", "web"];
    compile("toolgen", &features)?;
    bind("toolgen", &bindings())
}

/// Builds the candle module, which only the benchmark uses.
pub fn build_candle() -> Result<()> {
    compile("candle-web", &["--lib"])?;
    bind("candle-web", &candle_bindings())
}

/// Where the candle module and its bindings lie.
pub fn candle_bindings() -> PathBuf {
    project::work().join("candle")
}

/// Where the engine's module and its bindings lie.
pub fn bindings() -> PathBuf {
    project::root().join("pkg").join("wasm")
}

fn compile(package: &str, arguments: &[&str]) -> Result<()> {
    let mut build = Toolchain::find()?.cargo_build();
    build.args(["--package", package]).args(arguments);
    shell::run(&mut build)
}

/// Writes the module with its bindings into `folder`, unless they are made
/// from this very module already.
fn bind(package: &str, folder: &Path) -> Result<()> {
    let module = toolchain::module(package);
    let name = package.replace('-', "_");
    let stamp = Stamp::new(&format!("bindings-{name}"), hash_file(&module)?);
    let results =
        ["{}.js", "{}.d.ts", "{}_bg.wasm"].map(|file| folder.join(file.replace("{}", &name)));
    if stamp.is_fresh(&results) {
        return Ok(());
    }
    eprintln!("writing bindings to {}", project::shown(folder));
    stamp.clear();
    fs::create_dir_all(folder)?;
    Bindgen::new()
        .input_path(&module)
        .web(true)?
        .typescript(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(folder)
        .with_context(|| format!("wasm-bindgen refused {}", project::shown(&module)))?;
    stamp.set()
}
