//! The three stages: [`memorization`] and [`retrieval`] training, which share the loss in [`contrast`], and
//! [`agent_tuning`] on [trajectories](trajectory). Beside them, [`indexing`] trains the [`tool_tokens`] of any indexing, to compare the four.

pub mod agent_tuning;
pub mod contrast;
pub mod indexing;
pub mod memorization;
pub mod retrieval;
pub mod tool_tokens;
pub mod trajectory;
