//! `cargo xtask build`: the module, the npm package and the page.

use anyhow::Result;

use super::no_options;
use crate::build::{module, npm};

pub fn run(arguments: lexopt::Parser) -> Result<()> {
    no_options(arguments)?;
    module::build()?;
    npm::build()
}
