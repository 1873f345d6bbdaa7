//! What comes from elsewhere: pinned, verified, put in place.

pub mod data;
mod manifest;
pub mod model;
mod npm;
pub mod openapi;
mod pinned;
mod pypi;
mod release;
mod sources;
mod tarball;
pub mod weights;
