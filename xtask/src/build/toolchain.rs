//! Finding a compiler that can build for `wasm32-unknown-unknown`.

use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::host::apt::{self, Install};
use crate::host::stamp::{hash, hash_sources};
use crate::host::{project, shell};

pub const TARGET: &str = "wasm32-unknown-unknown";
/// SIMD is in every browser since 2023; the other features that matter here
/// (bulk memory, saturating float conversion) are rustc's default.
const RUSTFLAGS: &str = "-C target-feature=+simd128";
const DEBIAN_PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];
const RUSTUP_LIMIT: Duration = Duration::from_secs(120);

/// How a module is compiled: profiles of the workspace's Cargo.toml.
#[derive(Clone, Copy)]
pub enum Profile {
    /// What visitors download.
    Web,
    /// Quick to build again.
    WebDev,
}

impl Profile {
    fn name(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::WebDev => "web-dev",
        }
    }
}

/// Whose memory a module computes in.
#[derive(Clone, Copy, PartialEq)]
pub enum Memory {
    /// Its own.
    Own,
    /// One that it shares with other threads.
    Shared,
}

/// The atomic instructions, in the standard library too.
const SHARED_RUSTFLAGS: &str = "-C target-feature=+simd128,+atomics,+bulk-memory";
/// A shared memory is reserved in full; phones refuse more.
const LINK_SHARED: [&str; 8] = [
    "--shared-memory",
    "--import-memory",
    "--max-memory=1073741824",
    "--export=__wasm_init_tls",
    "--export=__tls_size",
    "--export=__tls_align",
    "--export=__tls_base",
    "--export=__heap_base",
];

/// A way to compile WebAssembly.
pub enum Toolchain {
    /// The cargo in use has the target's standard library.
    Installed,
    /// Debian's cargo and rustc, which bring the standard library as source.
    Debian { cargo: PathBuf, rustc: PathBuf, linker: PathBuf },
}

impl Toolchain {
    /// One that is there, else one that rustup can bring, or Debian.
    pub fn find(install: Install) -> Result<Self> {
        if has_target() {
            return Ok(Self::Installed);
        }
        if let Ok(debian) = Self::debian() {
            return Ok(debian);
        }
        if add_target() {
            return Ok(Self::Installed);
        }
        let missing = || {
            format!(
                "no Rust compiler here builds for {TARGET}; with rustup, `rustup target add {TARGET}` brings it; else, on Debian"
            )
        };
        apt::require(&DEBIAN_PACKAGES, install).and_then(|()| Self::debian()).with_context(missing)
    }

    fn debian() -> Result<Self> {
        let [rustc, cargo, source] = DEBIAN_PACKAGES;
        package_files(source)?;
        Ok(Self::Debian {
            cargo: program(cargo, "cargo")?,
            rustc: program(rustc, "rustc")?,
            linker: linker()?,
        })
    }

    /// `cargo rustc` for the web, to which the caller adds what to build.
    pub fn cargo(&self, profile: Profile, memory: Memory) -> Command {
        let mut build = match self {
            Self::Installed if memory == Memory::Own => shell::cargo(),
            Self::Installed => {
                add_source();
                let mut build = shell::cargo();
                build.env("RUSTC_BOOTSTRAP", "1");
                build
            }
            Self::Debian { cargo, rustc, linker } => {
                let mut build = shell::command(cargo);
                // What rustup's proxies set is meant for rustup's programs.
                for name in
                    ["CARGO", "RUSTC_WRAPPER", "RUSTDOC", "RUSTUP_TOOLCHAIN", "LD_LIBRARY_PATH"]
                {
                    build.env_remove(name);
                }
                build
                    .env("RUSTC", rustc)
                    // Building the standard library is an unstable feature.
                    .env("RUSTC_BOOTSTRAP", "1")
                    .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
                build
            }
        };
        build
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .env_remove("CARGO_BUILD_TARGET")
            .env("RUSTFLAGS", memory.rustflags())
            .env("CARGO_TARGET_DIR", target_folder(memory))
            .args(["rustc", "--profile", profile.name(), "--target", TARGET]);
        if matches!(self, Self::Debian { .. }) || memory == Memory::Shared {
            build.arg("-Zbuild-std=std,panic_abort");
        }
        build
    }

    /// What a module of the package depends on: its sources, how it is built, and by which compiler.
    pub fn fingerprint(&self, profile: Profile) -> Result<String> {
        let mut rustc = match self {
            Self::Installed => shell::command("rustc"),
            Self::Debian { rustc, .. } => shell::command(rustc),
        };
        let version = shell::output(rustc.arg("-vV"))?;
        let sources = ["Cargo.toml", "Cargo.lock", ".cargo", "src", "xtask/src/build"];
        let sources = sources.map(|source| project::root().join(source));
        hash(format!("{}{version}{}", profile.name(), hash_sources(&sources)?).as_bytes())
    }
}

impl Memory {
    const fn rustflags(self) -> &'static str {
        match self {
            Self::Own => RUSTFLAGS,
            Self::Shared => SHARED_RUSTFLAGS,
        }
    }

    /// The compiler's flags for what is linked.
    pub fn link_flags(self) -> Vec<String> {
        let arguments: &[&str] = if self == Self::Shared { &LINK_SHARED } else { &[] };
        arguments.iter().map(|argument| format!("-Clink-arg={argument}")).collect()
    }
}

/// Where the module of the crate `name` lies after a build.
pub fn module(name: &str, profile: Profile, memory: Memory) -> PathBuf {
    let file = format!("{}.wasm", name.replace('-', "_"));
    target_folder(memory).join(TARGET).join(profile.name()).join(file)
}

/// Folders of their own, so that these builds and native ones, whose flags
/// differ, neither wait for each other nor rebuild each other's work.
fn target_folder(memory: Memory) -> PathBuf {
    project::target().join(match memory {
        Memory::Own => "web",
        Memory::Shared => "web-threads",
    })
}

fn has_target() -> bool {
    let mut rustc = shell::command("rustc");
    rustc.args(["--print", "target-libdir", "--target", TARGET]);
    let Ok(folder) = shell::output(&mut rustc) else {
        return false;
    };
    fs::read_dir(folder).is_ok_and(|mut files| {
        files.any(|file| {
            file.is_ok_and(|file| file.file_name().to_string_lossy().starts_with("libstd-"))
        })
    })
}

fn add_target() -> bool {
    if shell::which(&format!("rustup{}", std::env::consts::EXE_SUFFIX)).is_none() {
        return false;
    }
    eprintln!("adding the target {TARGET}");
    let mut rustup = shell::command("rustup");
    rustup.args(["target", "add", TARGET]);
    match shell::run_within(RUSTUP_LIMIT, &mut rustup) {
        Ok(()) => has_target(),
        Err(error) => {
            eprintln!("rustup could not add it: {error}");
            false
        }
    }
}

/// The source of the standard library, which rustup may have to bring; what is missing after it cargo names.
fn add_source() {
    let mut rustup = shell::command("rustup");
    rustup.args(["component", "add", "rust-src"]);
    if let Err(error) = shell::run_within(RUSTUP_LIMIT, &mut rustup) {
        eprintln!("rustup could not add rust-src: {error}");
    }
}

/// The files of a Debian package, a line each.
fn package_files(package: &str) -> Result<String> {
    let listing = Command::new("dpkg").args(["-L", package]).output()?;
    ensure!(listing.status.success(), "Debian's package {package} is not installed");
    Ok(String::from_utf8_lossy(&listing.stdout).into_owned())
}

/// The program `name` of a Debian package. The package also holds a wrapper
/// of that name under /usr/share, which is for Debian's own builds.
fn program(package: &str, name: &str) -> Result<PathBuf> {
    package_files(package)?
        .lines()
        .find(|file| file.ends_with(&format!("/bin/{name}")) && !file.starts_with("/usr/share/"))
        .map(PathBuf::from)
        .with_context(|| format!("Debian's package {package} has no program `{name}`"))
}

/// rust-lld, which comes with every rustup toolchain.
fn linker() -> Result<PathBuf> {
    let rustc = |arguments: &[&str]| shell::output(shell::command("rustc").args(arguments));
    let sysroot = rustc(&["--print", "sysroot"])?;
    let host = rustc(&["--print", "host-tuple"])?;
    let linker = Path::new(&sysroot).join("lib/rustlib").join(host).join("bin/rust-lld");
    ensure!(linker.is_file(), "the linker {} is missing", linker.display());
    Ok(linker)
}
