//! The commands, each with its options.

pub mod bench;
pub mod build;
pub mod demo;
pub mod fetch;
pub mod judge;
pub mod pack;
pub mod test;
pub mod train;

use anyhow::Result;
use lexopt::prelude::*;

/// For a command that takes no options.
fn no_options(mut arguments: lexopt::Parser) -> Result<()> {
    match arguments.next()? {
        None => Ok(()),
        Some(other) => Err(other.unexpected().into()),
    }
}

/// The values of `--only`, for a command that takes nothing else.
fn only(mut arguments: lexopt::Parser) -> Result<Vec<String>> {
    let mut names = Vec::new();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("only") => names.push(arguments.value()?.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(names)
}
