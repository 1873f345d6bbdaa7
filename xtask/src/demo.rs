//! `cargo xtask demo`: from a fresh checkout to a page with an address.

use anyhow::Result;
use std::process::ExitCode;

use crate::{browser, npm, release, serve, web};

#[derive(Default)]
pub struct Options {
    pub check: bool,
    pub question: Option<String>,
    pub port: Option<u16>,
}

pub fn run(options: &Options) -> Result<ExitCode> {
    release::build()?;
    web::build()?;
    npm::build()?;
    if options.check {
        return check(options);
    }
    let server = serve::start(serve::demo_site(), options.port)?;
    println!("{}", server.url);
    eprintln!("the demo is at {} (end it with Ctrl-C)", server.url);
    server.join();
    Ok(ExitCode::SUCCESS)
}

/// Asks the page one question in headless Chromium. Its answer, JSON, is all
/// that goes to stdout.
fn check(options: &Options) -> Result<ExitCode> {
    let chromium = browser::find()?;
    // Port 0: any free one, so that a demo may run at the same time.
    let server = serve::start(serve::demo_site(), options.port.or(Some(0)))?;
    let status = npm::node()?
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
