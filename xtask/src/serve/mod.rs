//! A small static server on localhost.

pub mod server;
pub mod site;
