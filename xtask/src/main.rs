//! The project's commands: `cargo xtask <command>`.
//!
//! Every command first brings about what it needs (toolchain, base checkpoint,
//! npm packages) and skips what is there already. Progress goes to stderr;
//! stdout carries results alone, so that `--check` and `bench` can be piped.
//!
//! `commands` use `build`, `fetch` and `licences`, and these use `host`; nothing goes the other way.

mod build;
mod commands;
mod fetch;
mod host;
mod licences;

use anyhow::{Result, bail};
use lexopt::prelude::*;
use std::process::ExitCode;

const HELP: &str = "\
Usage: cargo xtask <command>

  demo [--port N]           build everything, serve the demo page and print its address
  demo --dev                the same, built quickly, and again whenever a source changes; the page loads itself again
  demo --host 0.0.0.0       the same, for other machines of the network, too
  demo --check [QUESTION]   ask the page one question in headless Chromium, print the call as JSON
  test [STEP]...            run every check, or some of them
  test --list               name the checks
  bench [--rounds N] [--only NAME]... [--without NAME]...
                            measure this engine and its peers, or those whose names have a NAME, print one JSON object
  build                     build the WebAssembly module, the npm package and the page
  pack                      make the two npm packages, of the scripts and of the model, in target/npm
  release --check           whether versions, changelog, reference, hashes and the crate's size are right for a release
  train                     train the adapter and fit the tool pack that ship (hours); goes on where it was cut
  train --trial             the whole way in two steps a stage, in target/trial, to see that it works (minutes)
  judge [--only SET]...     judge the model and its baselines on every data set, write docs/results (hours)
  fuzz [TARGET]... [--seconds N]
                            look for inputs that break a reader, 30 s a target; needs cargo-fuzz, which --install brings
  licences                  list the licences of all that ships
  licences --write          write THIRD-PARTY-NOTICES.txt, which goes along with package and page; --check compares
  fetch                     download the base checkpoint and verify it and the adapter
  fetch data                unpack the data sets of models/data, for training and judging
  fetch openapi             download and verify 2,638 OpenAPI documents, for scale tests and training
  fetch minilm              the same for the sentence encoder that results are compared with

demo, test, bench, build and pack install Debian packages that they lack, by apt-get, only with --install.
";

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<ExitCode> {
    let mut arguments = lexopt::Parser::from_env();
    let command = match arguments.next()? {
        None | Some(Short('h') | Long("help")) => "help".into(),
        Some(Value(command)) => command.string()?,
        Some(other) => return Err(other.unexpected().into()),
    };
    match command.as_str() {
        "demo" => return commands::demo::run(arguments),
        "test" => return commands::test::run(arguments),
        "bench" => commands::bench::run(arguments)?,
        "build" => commands::build::run(arguments)?,
        "pack" => commands::pack::run(arguments)?,
        "release" => return commands::release::run(arguments),
        "train" => commands::train::run(arguments)?,
        "judge" => commands::judge::run(arguments)?,
        "fuzz" => commands::fuzz::run(arguments)?,
        "licences" => commands::licences::run(arguments)?,
        "fetch" => commands::fetch::run(arguments)?,
        "help" => print!("{HELP}"),
        unknown => bail!("there is no command `{unknown}`\n\n{HELP}"),
    }
    Ok(ExitCode::SUCCESS)
}
