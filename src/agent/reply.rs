//! What the page says to a stream that waits.

use serde::Deserialize;

use super::step::Happened;

/// What the page says after an event that wants a reply: [`Event::Choose`](super::Event::Choose),
/// [`Event::Approve`](super::Event::Approve) and [`Event::Execute`](super::Event::Execute).
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Reply {
    /// Which of the candidates is meant.
    Choice {
        /// Its name; none where no candidate is.
        tool: Option<String>,
    },
    /// Whether the call may be carried out.
    Approval {
        /// Yes.
        approved: bool,
    },
    /// What the call gave.
    Observation {
        /// As JSON, short.
        text: String,
    },
    /// The call could not be carried out.
    Failure {
        /// Why, in a sentence.
        message: String,
    },
}

impl From<Reply> for Happened {
    fn from(reply: Reply) -> Self {
        match reply {
            Reply::Choice { tool: Some(tool) } => Self::Picked(tool),
            Reply::Choice { tool: None } => Self::Declined,
            Reply::Approval { approved } => Self::Approved(approved),
            Reply::Observation { text } => Self::Observed(text),
            Reply::Failure { message } => Self::Failed(message),
        }
    }
}
