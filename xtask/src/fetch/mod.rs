//! What comes from elsewhere: pinned, verified, put in place.

pub mod checkpoint;
pub mod data;
mod manifest;
mod npm;
pub mod openapi;
mod pinned;
mod pypi;
mod release;
mod sources;
mod tarball;
pub mod weights;
