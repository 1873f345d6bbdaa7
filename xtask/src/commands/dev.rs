//! `cargo xtask demo --dev`: what changes is built again, and the page loads itself again.

use anyhow::{Context, Result};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use crate::build::{Profile, module, npm};
use crate::host::apt::Install;
use crate::host::project;
use crate::host::stamp::sources;

/// Sources of the module, and of the npm package and the page.
const MODULE: [&str; 3] = ["src", "Cargo.toml", "Cargo.lock"];
const PAGE: [&str; 3] = ["pkg", "www", "models/catalogue"];
/// Between two looks at them.
const PAUSE: Duration = Duration::from_millis(500);

/// Runs the server until it ends, and builds what changes meanwhile. A line to the server is a new build.
pub fn run(serve: &mut Command, install: Install) -> Result<ExitCode> {
    let mut module = Watched::new(&MODULE)?;
    let mut page = Watched::new(&PAGE)?;
    build(true, install)?;
    let mut server = serve.arg("--dev").stdin(Stdio::piped()).spawn()?;
    let mut news = server.stdin.take().context("the server has no stdin")?;
    loop {
        if server.try_wait()?.is_some() {
            return Ok(ExitCode::FAILURE);
        }
        sleep(PAUSE);
        let (module, page) = (module.has_changed()?, page.has_changed()?);
        if !module && !page {
            continue;
        }
        match build(module, install) {
            Ok(()) => writeln!(news)?,
            Err(error) => eprintln!("error: {error:#}\nwaiting for the next change"),
        }
    }
}

fn build(module: bool, install: Install) -> Result<()> {
    if module {
        module::build(Profile::WebDev, install)?;
    }
    npm::build()
}

/// Files, and when each was written.
struct Watched {
    paths: Vec<PathBuf>,
    seen: Vec<(PathBuf, SystemTime)>,
}

impl Watched {
    fn new(paths: &[&str]) -> Result<Self> {
        let paths = paths.iter().map(|path| project::root().join(path)).collect();
        let mut watched = Self { paths, seen: Vec::new() };
        watched.has_changed()?;
        Ok(watched)
    }

    /// Is a file new, gone or written again since the last time?
    fn has_changed(&mut self) -> Result<bool> {
        let bindings = module::bindings(); // among the sources, and built
        let files = sources(&self.paths)?.into_iter().filter(|file| !file.starts_with(&bindings));
        // What an editor is just replacing is seen at the next look.
        let now = files.filter_map(|file| {
            let written = file.metadata().and_then(|metadata| metadata.modified()).ok()?;
            Some((file, written))
        });
        let now: Vec<_> = now.collect();
        let changed = now != self.seen;
        self.seen = now;
        Ok(changed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn changes_are_noticed_once() {
        let folder = std::env::temp_dir().join(format!("xtask-dev-{}", std::process::id()));
        fs::create_dir_all(folder.join("dist")).unwrap();
        let mut watched = Watched { paths: vec![folder.clone()], seen: Vec::new() };
        assert!(!watched.has_changed().unwrap());
        for (file, counts) in [("a.ts", true), ("dist/a.js", false), ("b.ts", true)] {
            fs::write(folder.join(file), "").unwrap();
            assert_eq!(watched.has_changed().unwrap(), counts, "{file}");
            assert!(!watched.has_changed().unwrap());
        }
        let later = SystemTime::now() + Duration::from_secs(5);
        fs::File::options()
            .write(true)
            .open(folder.join("a.ts"))
            .unwrap()
            .set_modified(later)
            .unwrap();
        assert!(watched.has_changed().unwrap());
        fs::remove_file(folder.join("b.ts")).unwrap();
        assert!(watched.has_changed().unwrap());
        fs::remove_dir_all(folder).unwrap();
    }
}
