//! `cargo xtask demo`: from a fresh checkout to a page with an address.

use anyhow::Result;
use lexopt::prelude::*;
use std::process::ExitCode;

use crate::build::{module, npm};
use crate::fetch::checkpoint;
use crate::host::apt::Install;
use crate::host::{browser, node};
use crate::serve::server;

struct Options {
    check: bool,
    question: Option<String>,
    port: Option<u16>,
    install: Install,
}

impl Options {
    fn parse(mut arguments: lexopt::Parser) -> Result<Self> {
        let mut options =
            Self { check: false, question: None, port: None, install: Install::Forbidden };
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("check") => options.check = true,
                Long("install") => options.install = Install::Allowed,
                Long("port") => options.port = Some(arguments.value()?.parse()?),
                Value(question) if options.check && options.question.is_none() => {
                    options.question = Some(question.string()?);
                }
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(options)
    }
}

pub fn run(arguments: lexopt::Parser) -> Result<ExitCode> {
    let options = Options::parse(arguments)?;
    checkpoint::build()?;
    module::build(options.install)?;
    npm::build()?;
    if options.check {
        return check(&options);
    }
    let server = server::start(server::demo_site(), options.port)?;
    println!("{}", server.url);
    eprintln!("the demo is at {} (end it with Ctrl-C)", server.url);
    server.join();
    Ok(ExitCode::SUCCESS)
}

/// Asks the page one question in headless Chromium. Its answer, JSON, is all
/// that goes to stdout.
fn check(options: &Options) -> Result<ExitCode> {
    let chromium = browser::find(options.install)?;
    // Port 0: any free one, so that a demo may run at the same time.
    let server = server::start(server::demo_site(), options.port.or(Some(0)))?;
    let status = node::node()?
        .arg("tests/browser/check.mjs")
        .arg(&server.url)
        .args(&options.question)
        .env("CHROMIUM", chromium)
        .status()?;
    Ok(if status.success() { ExitCode::SUCCESS } else { exit_code(status.code()) })
}

fn exit_code(code: Option<i32>) -> ExitCode {
    code.and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from)
}
