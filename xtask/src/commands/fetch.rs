//! `cargo xtask fetch`: what comes from elsewhere, verified and in its place.

use anyhow::Result;
use lexopt::prelude::*;

use crate::fetch::{checkpoint, openapi, weights};

pub fn run(mut arguments: lexopt::Parser) -> Result<()> {
    let fetch = match arguments.next()? {
        None => checkpoint::build,
        Some(Value(what)) if what == "openapi" => openapi::fetch,
        Some(Value(what)) if what == "minilm" => weights::fetch_minilm,
        Some(other) => return Err(other.unexpected().into()),
    };
    fetch().map(drop)
}
