//! `cargo xtask fetch`: what comes from elsewhere, verified and in its place.

use anyhow::Result;
use lexopt::prelude::*;

use crate::fetch::{data, model, openapi, weights};

pub fn run(mut arguments: lexopt::Parser) -> Result<()> {
    match arguments.next()? {
        None => model::fetch().map(drop),
        Some(Value(what)) if what == "data" => data::fetch(),
        Some(Value(what)) if what == "openapi" => openapi::fetch().map(drop),
        Some(Value(what)) if what == "minilm" => weights::fetch_minilm().map(drop),
        Some(other) => Err(other.unexpected().into()),
    }
}
