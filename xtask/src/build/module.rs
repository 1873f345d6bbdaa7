//! The WebAssembly modules and their JavaScript bindings.

use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use wasm_bindgen_cli_support::{Bindgen, EncodeInto, Output};

use super::toolchain::{self, Profile, Toolchain};
use crate::host::apt::Install;
use crate::host::stamp::{Stamp, hash, hash_file};
use crate::host::{project, shell};

/// Builds the engine's module into `pkg/wasm`.
pub fn build(profile: Profile, install: Install) -> Result<()> {
    let features = ["--lib", "--no-default-features", "--features", "web"];
    compile("toolgen", &features, profile, install)?;
    bind("toolgen", profile, &bindings())
}

/// Builds the candle module, which only the benchmark uses.
pub fn build_candle(install: Install) -> Result<()> {
    compile("candle-web", &["--lib"], Profile::Web, install)?;
    bind("candle-web", Profile::Web, &candle_bindings())
}

/// Where the candle module and its bindings lie.
fn candle_bindings() -> PathBuf {
    project::work().join("candle")
}

/// Where the engine's module and its bindings lie.
pub fn bindings() -> PathBuf {
    project::root().join("pkg").join("wasm")
}

fn compile(package: &str, arguments: &[&str], profile: Profile, install: Install) -> Result<()> {
    let mut build = Toolchain::find(install)?.cargo_build(profile);
    build.args(["--package", package]).args(arguments);
    shell::run(&mut build)
}

/// Writes the module with its bindings into `folder`, unless they are made
/// from this very module, and in this way, already.
fn bind(package: &str, profile: Profile, folder: &Path) -> Result<()> {
    let module = toolchain::module(package, profile);
    let name = package.replace('-', "_");
    let key = hash_file(&module)? + &hash(include_bytes!("module.rs").as_slice())?;
    let stamp = Stamp::new(&format!("bindings-{name}"), key);
    let results =
        ["{}.js", "{}.d.ts", "{}_bg.wasm"].map(|file| folder.join(file.replace("{}", &name)));
    if stamp.is_fresh(&results) {
        return Ok(());
    }
    eprintln!("writing bindings to {}", project::shown(folder));
    stamp.clear();
    fs::create_dir_all(folder)?;
    let mut output = Bindgen::new()
        .input_path(&module)
        .web(true)?
        .typescript(true)
        .encode_into(EncodeInto::Always)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate_output()
        .with_context(|| format!("wasm-bindgen refused {}", project::shown(&module)))?;
    let names = shorten_imports(&mut output);
    output.emit(folder)?;
    let script = &results[0];
    let mut text = fs::read_to_string(script)?;
    for (name, short) in names {
        text = text.replace(&name, &short);
    }
    fs::write(script, text)?;
    stamp.set()
}

/// Gives the module's imports short names; what they were called, and what they are called now. Each name
/// ends in a hash, and hundreds of hashes are a third of the gzipped bindings.
fn shorten_imports(output: &mut Output) -> Vec<(String, String)> {
    let imports = output.wasm_mut().imports.iter_mut().filter(|import| ends_in_hash(&import.name));
    imports
        .enumerate()
        .map(|(index, import)| {
            let short = format!("i{index}");
            (std::mem::replace(&mut import.name, short.clone()), short)
        })
        .collect()
}

/// Such a name stands nowhere but where it is meant.
fn ends_in_hash(name: &str) -> bool {
    name.rsplit_once('_')
        .is_some_and(|(_, hash)| hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()))
}
