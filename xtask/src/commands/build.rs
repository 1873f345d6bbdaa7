//! `cargo xtask build`: the module, the npm package and the page.

use anyhow::Result;

use super::install;
use crate::build::{Profile, module, npm};

pub fn run(arguments: lexopt::Parser) -> Result<()> {
    let install = install(arguments)?;
    module::build(Profile::Web, install)?;
    module::build_threads(Profile::Web, install)?;
    npm::build()
}
