//! What is told of a run's calls and its end.

use serde::Serialize;

use crate::tool::{Arguments, ToolCall};

/// A call that was to be carried out, and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PastCall {
    /// The call.
    pub call: ToolCall,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It gave something.
    Observed,
    /// It failed.
    Failed,
    /// The person said no.
    Denied,
}

/// Why a person is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The tool may change something.
    Changes,
    /// The question didn't ask for this tool; text that came from elsewhere led to it.
    NotAsked,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum End {
    /// The model says that the wish is fulfilled.
    Done,
    /// No tool fits.
    Abstained,
    /// The model was not sure of a tool, and was not to ask.
    Unsure,
    /// Required arguments are not in the question.
    Asked {
        /// The tool's name.
        tool: String,
        /// The arguments that were said.
        arguments: Arguments,
        /// The names of those that were not.
        parameters: Vec<String>,
    },
    /// The person said no.
    Denied,
    /// A call failed, and mending it failed or was no use.
    Failed,
    /// As many calls as are allowed were made.
    MaxSteps,
    /// The model would make a call again that it has made.
    Repeated,
    /// The next call doesn't fit the model's context.
    NoRoom,
}
