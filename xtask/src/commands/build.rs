//! `cargo xtask build`: the module, the npm package and the page.

use anyhow::Result;

use super::install;
use crate::build::{Profile, module, npm};

pub fn run(arguments: lexopt::Parser) -> Result<()> {
    module::build(Profile::Web, install(arguments)?)?;
    npm::build()
}
