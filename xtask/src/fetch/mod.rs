//! What comes from elsewhere: pinned, verified, put in place.

pub mod checkpoint;
mod manifest;
pub mod openapi;
mod pinned;
mod tarball;
pub mod weights;
mod wheel;
