//! `cargo xtask demo`: from a fresh checkout to a page with an address.

use anyhow::{Result, ensure};
use lexopt::prelude::*;
use std::process::{Command, ExitCode};
use std::thread;

use super::dev;
use crate::build::{Profile, module, npm};
use crate::fetch::model;
use crate::host::apt::Install;
use crate::host::{browser, node, project};

struct Options {
    check: bool,
    dev: bool,
    question: Option<String>,
    port: Option<u16>,
    /// The address to listen on; `0.0.0.0` is all of them.
    host: Option<String>,
    install: Install,
}

impl Options {
    fn parse(mut arguments: lexopt::Parser) -> Result<Self> {
        let mut options = Self {
            check: false,
            dev: false,
            question: None,
            port: None,
            host: None,
            install: Install::Forbidden,
        };
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("check") => options.check = true,
                Long("dev") => options.dev = true,
                Long("install") => options.install = Install::Allowed,
                Long("host") => options.host = Some(arguments.value()?.string()?),
                Long("port") => options.port = Some(arguments.value()?.parse()?),
                Value(question) if options.check && options.question.is_none() => {
                    options.question = Some(question.string()?);
                }
                other => return Err(other.unexpected().into()),
            }
        }
        ensure!(
            !(options.check && options.dev),
            "--check asks the demo as it ships: without --dev"
        );
        Ok(options)
    }
}

pub fn run(arguments: lexopt::Parser) -> Result<ExitCode> {
    let options = Options::parse(arguments)?;
    if options.dev {
        model::fetch()?;
        return dev::run(&mut serve(&options)?, options.install);
    }
    // Told before minutes of compiling, during which everything else is downloaded.
    node::node()?;
    thread::scope(|scope| {
        let downloads = scope.spawn(|| model::fetch().and_then(|_| node::install(project::root())));
        module::build(Profile::Web, options.install)?;
        downloads.join().expect("a download that panics has said why")
    })?;
    npm::build()?;
    if options.check {
        return check(&options);
    }
    exit_code(&mut serve(&options)?)
}

fn serve(options: &Options) -> Result<Command> {
    let mut serve = node::node()?;
    serve.arg("xtask/serve.mjs");
    if let Some(port) = options.port {
        serve.args(["--port", &port.to_string()]);
    }
    if let Some(host) = &options.host {
        serve.args(["--host", host]);
    }
    Ok(serve)
}

/// Asks the page one question in headless Chromium. Its answer, JSON, is all
/// that goes to stdout.
fn check(options: &Options) -> Result<ExitCode> {
    let mut check = node::node()?;
    check.arg("xtask/check.mjs").args(&options.question);
    exit_code(check.env("CHROMIUM", browser::find(options.install)?))
}

/// Runs a command to its end; its own exit code.
fn exit_code(command: &mut Command) -> Result<ExitCode> {
    let code = command.status()?.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
