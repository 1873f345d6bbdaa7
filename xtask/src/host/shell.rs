//! Running other programs.

use anyhow::{Context, Result, bail};
use std::env::consts::EXE_SUFFIX;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::project;

/// A command that starts in the repository.
pub fn command(program: impl AsRef<Path>) -> Command {
    let mut command = Command::new(program.as_ref());
    command.current_dir(project::root());
    command
}

/// The native cargo, without what the cargo that runs this tool has set for
/// its own child: those variables describe the crate `xtask`.
pub fn cargo() -> Command {
    let mut cargo = command("cargo");
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// The project's own program, built first if it has changed.
pub fn toolgen() -> Command {
    let mut toolgen = cargo();
    toolgen.args(["run", "--quiet", "--release", "--bin", "toolgen", "--"]);
    toolgen
}

/// The file of the same program, built.
pub fn built_toolgen() -> Result<PathBuf> {
    run(cargo().args(["build", "--release", "--bin", "toolgen"]))?;
    Ok(super::project::target().join("release").join(format!("toolgen{EXE_SUFFIX}")))
}

/// Runs `command` to its end; what it prints goes to stderr.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command
        .stdout(io::stderr())
        .status()
        .with_context(|| format!("`{}` could not be started", words(command)))?;
    if !status.success() {
        bail!("`{}` failed ({status})", words(command));
    }
    Ok(())
}

/// Like [`run`], but gives up and ends the program after `limit`.
pub fn run_within(limit: Duration, command: &mut Command) -> Result<()> {
    let mut child = command
        .stdout(io::stderr())
        .spawn()
        .with_context(|| format!("`{}` could not be started", words(command)))?;
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            if status.success() {
                return Ok(());
            }
            bail!("`{}` failed ({status})", words(command));
        }
        if start.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            bail!("`{}` took over {} s", words(command), limit.as_secs());
        }
        sleep(Duration::from_millis(50));
    }
}

/// What `command` prints on stdout, trimmed.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("`{}` could not be started", words(command)))?;
    if !output.status.success() {
        bail!("`{}` failed ({})", words(command), output.status);
    }
    let text = String::from_utf8(output.stdout)
        .with_context(|| format!("`{}` printed something that is not text", words(command)))?;
    Ok(text.trim().to_owned())
}

/// The file of `program`, found as a shell finds it.
pub fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

fn words(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy()];
    words.extend(command.get_args().map(|argument| argument.to_string_lossy()));
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_the_command() {
        let error = run(command("rustc").arg("--no-such-option")).unwrap_err();
        assert!(error.to_string().contains("rustc --no-such-option"));
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = output(&mut command("no-such-program")).unwrap_err();
        assert!(error.to_string().contains("no-such-program"));
    }
}
