//! What is asked: a question, when it is asked, and what was said before it.

use crate::time::Moment;
use crate::tool::{Instance, ToolCall};

/// A question with what it is understood from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Question {
    /// The person's words.
    pub text: String,
    /// The person's local time, if it is known: no clock is read here.
    pub now: Option<Moment>,
    /// The turns before, the oldest first.
    pub before: Vec<Turn>,
}

/// A question that was answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    /// The person's words.
    pub text: String,
    /// The call that answered it; an argument that was asked for is absent.
    pub call: ToolCall,
    /// What the call gave, in short.
    pub observation: Option<String>,
}

impl Question {
    /// All that was said, a line a turn, and where this question begins in it.
    pub fn said(&self) -> (String, usize) {
        let mut said = String::new();
        for turn in &self.before {
            said += &turn.text;
            said.push('\n');
        }
        let start = said.len();
        (said + &self.text, start)
    }
}

impl From<&str> for Question {
    fn from(text: &str) -> Self {
        Self { text: text.trim().to_owned(), ..Self::default() }
    }
}

impl From<&Instance> for Question {
    fn from(instance: &Instance) -> Self {
        Self { now: instance.now, ..instance.query.as_str().into() }
    }
}

impl From<&String> for Question {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}
