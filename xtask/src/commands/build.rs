//! `cargo xtask build`: the module, the npm package and the page.

use anyhow::Result;

use super::install;
use crate::build::{module, npm};

pub fn run(arguments: lexopt::Parser) -> Result<()> {
    module::build(install(arguments)?)?;
    npm::build()
}
