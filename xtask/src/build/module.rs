//! The WebAssembly modules and their JavaScript bindings.

use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use wasm_bindgen_cli_support::{Bindgen, EncodeInto, Output};

use super::toolchain::{self, Memory, Profile, Toolchain};
use crate::host::apt::Install;
use crate::host::stamp::{Stamp, hash, hash_file};
use crate::host::{project, shell};

/// A build of the engine's module.
struct Variant {
    file: &'static str,
    /// What binds it.
    script: &'static str,
    feature: &'static str,
    /// The compiler's flags, for the package alone.
    flags: &'static [&'static str],
    memory: Memory,
}

/// For every browser.
const STRICT: Variant = Variant {
    file: "toolgen_bg.wasm",
    script: "toolgen.js",
    feature: "web",
    flags: &[],
    memory: Memory::Own,
};
const RELAXED: Variant = Variant {
    file: "toolgen_relaxed_bg.wasm",
    script: "toolgen.js",
    feature: "relaxed-simd",
    flags: &["-C", "target-feature=+relaxed-simd"],
    memory: Memory::Own,
};
/// For pages that are isolated.
const THREADS: Variant = Variant {
    file: "toolgen_threads_bg.wasm",
    script: "toolgen_threads.js",
    memory: Memory::Shared,
    ..RELAXED
};

/// Builds the modules that need no isolated page into `pkg/wasm`: what they share is compiled once, and one script
/// binds both.
pub fn build(profile: Profile, install: Install) -> Result<()> {
    let [strict, relaxed] = [STRICT, RELAXED].map(|variant| variant.build(profile, install));
    ensure!(
        code(&strict?)? == code(&relaxed?)?,
        "the modules with and without relaxed SIMD need different scripts"
    );
    Ok(())
}

/// Builds the module with threads beside them. It shares nothing with them, the standard library neither.
pub fn build_threads(profile: Profile, install: Install) -> Result<()> {
    THREADS.build(profile, install).map(drop)
}

impl Variant {
    /// Builds it into `pkg/wasm`, unless it is there already; the script that `wasm-bindgen` made for it.
    fn build(&self, profile: Profile, install: Install) -> Result<PathBuf> {
        let toolchain = Toolchain::find(install)?;
        let name = self.file.trim_end_matches(".wasm");
        let made = project::work().join(name);
        let script = made.join("toolgen.js");
        let results = [self.file, self.script, &self.script.replace(".js", ".d.ts")]
            .map(|file| bindings().join(file));
        // Cargo keeps one variant of a library: it would compile each anew, since it has compiled the other.
        let stamp = Stamp::new(name, toolchain.fingerprint(profile)?);
        if script.exists() && stamp.is_fresh(&results) {
            return Ok(script);
        }
        stamp.clear();
        let features = ["--no-default-features", "--features", self.feature];
        let library = [&["--lib", "--crate-type=cdylib"], &features[..]].concat();
        compile(&toolchain, "toolgen", &library, self.flags, self.memory, profile)?;
        bind("toolgen", profile, self.memory, &made)?;
        fs::create_dir_all(bindings())?;
        for (file, result) in ["toolgen_bg.wasm", "toolgen.js", "toolgen.d.ts"].iter().zip(&results)
        {
            fs::copy(made.join(file), result)?;
        }
        stamp.set()?;
        Ok(script)
    }
}

/// A script without its comments, which count the functions of a module.
fn code(script: &Path) -> Result<String> {
    let text = fs::read_to_string(script)?;
    Ok(text.lines().filter(|line| !line.trim_start().starts_with("//")).collect())
}

/// Builds the candle module, which only the benchmark uses.
pub fn build_candle(install: Install) -> Result<()> {
    let toolchain = Toolchain::find(install)?;
    compile(&toolchain, "candle-web", &["--lib"], &[], Memory::Own, Profile::Web)?;
    bind("candle-web", Profile::Web, Memory::Own, &candle_bindings())
}

/// Where the candle module and its bindings lie.
fn candle_bindings() -> PathBuf {
    project::work().join("candle")
}

/// Where the engine's module and its bindings lie.
pub fn bindings() -> PathBuf {
    project::root().join("pkg").join("wasm")
}

/// `flags` are the compiler's, for the package alone.
fn compile(
    toolchain: &Toolchain,
    package: &str,
    arguments: &[&str],
    flags: &[&str],
    memory: Memory,
    profile: Profile,
) -> Result<()> {
    let mut build = toolchain.cargo(profile, memory);
    build.args(["--package", package]).args(arguments).arg("--");
    build.args(flags).args(memory.link_flags());
    shell::run(&mut build)
}

/// Writes the module with its bindings into `folder`, unless they are made
/// from this very module, and in this way, already.
fn bind(package: &str, profile: Profile, memory: Memory, folder: &Path) -> Result<()> {
    let module = toolchain::module(package, profile, memory);
    let name = package.replace('-', "_");
    let key = hash_file(&module)? + &hash(include_bytes!("module.rs").as_slice())?;
    let stamp =
        Stamp::new(&format!("bindings-{}-{name}", project::shown(folder).replace('/', "-")), key);
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
    let imports = output.wasm_mut().imports.iter_mut();
    let mut long: Vec<&mut String> =
        imports.map(|import| &mut import.name).filter(|name| ends_in_hash(name)).collect();
    // In an order that another build has, too.
    long.sort();
    let shorten = |(index, name): (usize, &mut String)| {
        let short = format!("i{index}");
        (std::mem::replace(name, short.clone()), short)
    };
    long.into_iter().enumerate().map(shorten).collect()
}

/// Such a name stands nowhere but where it is meant.
fn ends_in_hash(name: &str) -> bool {
    name.rsplit_once('_')
        .is_some_and(|(_, hash)| hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()))
}
