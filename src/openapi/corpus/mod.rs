//! Folders of OpenAPI documents as training and test data; native only.
//!
//! [`directory`] reads them, [`api`] names their APIs, [`question`] asks for an operation as a person would,
//! and [`sample`] does so for a whole folder.

pub mod api;
pub mod directory;
pub mod question;
pub mod sample;
