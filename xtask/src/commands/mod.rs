//! The commands, each with its options.

pub mod bench;
pub mod build;
pub mod demo;
mod dev;
pub mod fetch;
pub mod fuzz;
pub mod judge;
pub mod licences;
pub mod pack;
pub mod release;
pub mod test;
pub mod train;

use anyhow::Result;
use lexopt::prelude::*;

use crate::host::apt::Install;

/// Whether `--install` is given, to a command that takes nothing else.
fn install(mut arguments: lexopt::Parser) -> Result<Install> {
    let mut install = Install::Forbidden;
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("install") => install = Install::Allowed,
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(install)
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
