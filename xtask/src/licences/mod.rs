//! What others made of what ships: its licences, and the notices that these ask for.

pub mod notices;
pub mod parts;
