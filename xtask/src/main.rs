//! The project's commands: `cargo xtask <command>`.
//!
//! Every command first brings about what it needs (toolchain, base checkpoint,
//! npm packages) and skips what is there already. Progress goes to stderr;
//! stdout carries results alone, so that `--check` and `bench` can be piped.

mod base;
mod bench;
mod browser;
mod debian;
mod demo;
mod judge;
mod npm;
mod openapi;
mod progress;
mod project;
mod release;
mod serve;
mod shell;
mod site;
mod size;
mod stamp;
mod test;
mod toolchain;
mod train;
mod vulkan;
mod web;

use anyhow::{Context, Result, bail, ensure};
use lexopt::prelude::*;
use std::process::ExitCode;

const HELP: &str = "\
Usage: cargo xtask <command>

  demo [--port N]           build everything, serve the demo page and print its address
  demo --check [QUESTION]   ask the page one question in headless Chromium, print the call as JSON
  test                      run every check: format, lints, Rust, TypeScript, browser
  bench [--rounds N] [--only NAME]...
                            measure this engine and its peers, or those whose names have a NAME, print one JSON object
  build                     build the WebAssembly module, the npm package and the page
  pack                      make the two npm packages, of the scripts and of the checkpoint, in target/npm
  train                     train the adapter and fit the tool pack that ship (hours); goes on where it was cut
  train --trial             the whole way in two steps a stage, in target/trial, to see that it works (minutes)
  judge [--only SET]...     judge the model and its baselines on every data set, write docs/results (hours)
  fetch                     download the base checkpoint, verify it, and merge the adapter into it
  fetch openapi             download and verify 2,638 OpenAPI documents, for scale tests and training
  fetch minilm              the same for the sentence encoder that results are compared with
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
    if command == "demo" {
        return demo::run(&demo_options(arguments)?);
    }
    if command == "train" {
        let trial = match arguments.next()? {
            None => false,
            Some(Long("trial")) => true,
            Some(other) => return Err(other.unexpected().into()),
        };
        return train::run(trial).map(|()| ExitCode::SUCCESS);
    }
    if command == "judge" {
        return judge::judge(&names(arguments)?).map(|()| ExitCode::SUCCESS);
    }
    if command == "bench" {
        return bench::run(&bench_options(arguments)?).map(|()| ExitCode::SUCCESS);
    }
    if command == "fetch" {
        let fetch = match arguments.next()? {
            None => release::build,
            Some(Value(what)) if what == "openapi" => openapi::fetch,
            Some(Value(what)) if what == "minilm" => base::fetch_minilm,
            Some(other) => return Err(other.unexpected().into()),
        };
        return fetch().map(|_| ExitCode::SUCCESS);
    }
    if let Some(unexpected) = arguments.next()? {
        return Err(unexpected.unexpected()).context(format!("`{command}` takes no arguments"));
    }
    match command.as_str() {
        "help" => print!("{HELP}"),
        "test" => return test::run(),
        "build" => {
            web::build()?;
            npm::build()?;
        }
        "pack" => npm::pack()?,
        unknown => bail!("there is no command `{unknown}`\n\n{HELP}"),
    }
    Ok(ExitCode::SUCCESS)
}

fn demo_options(mut arguments: lexopt::Parser) -> Result<demo::Options> {
    let mut options = demo::Options::default();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("check") => options.check = true,
            Long("port") => options.port = Some(arguments.value()?.parse()?),
            Value(question) if options.check && options.question.is_none() => {
                options.question = Some(question.string()?);
            }
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(options)
}

/// The values of `--only`.
fn names(mut arguments: lexopt::Parser) -> Result<Vec<String>> {
    let mut names = Vec::new();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("only") => names.push(arguments.value()?.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(names)
}

fn bench_options(mut arguments: lexopt::Parser) -> Result<bench::Options> {
    let mut options = bench::Options::default();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("rounds") => options.rounds = arguments.value()?.parse()?,
            Long("only") => options.only.push(arguments.value()?.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    ensure!(options.rounds > 0, "a benchmark takes at least one round");
    Ok(options)
}
