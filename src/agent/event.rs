//! What a stream says.

use serde::Serialize;

use super::step::{End, PastCall, Reason};
use crate::retrieval::RankedTool;
use crate::tool::ToolCall;

/// Why the model abstains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Abstained {
    /// No tool fits.
    NoTool,
    /// The question isn't in English, the language that the model was trained on.
    Language,
}

/// A token of a call's arguments, and what might have stood in its place.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ArgumentToken {
    /// The characters that it completes: none, where a character is several tokens and this isn't the last.
    pub text: String,
    /// Whether the grammar left no choice, so that the model was not asked.
    pub forced: bool,
    /// How many tokens the grammar allowed.
    pub allowed: usize,
    /// The likeliest of them, this one first; none where it was forced.
    pub alternatives: Vec<Alternative>,
}

/// A token that the grammar allowed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Alternative {
    /// Its text.
    pub text: String,
    /// Its probability among the allowed ones, from 0 to 1.
    pub probability: f32,
}

/// One unit of work, done.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// Part of the prompt has been read.
    Prefill {
        /// Tokens read.
        done: usize,
        /// Tokens to read.
        total: usize,
    },
    /// The tools, likeliest first. After second looks they are told once more, as these have left them.
    Ranking {
        /// As many as were asked for.
        tools: Vec<RankedTool>,
        /// The probability that none fits, beside theirs; after a call, that no further one is needed.
        abstain: f32,
        /// Whether the first is likely enough to act on without asking; not before looks that are to come.
        sure: bool,
    },
    /// No tool fits: the model abstains, and nothing follows.
    Abstain {
        /// Why.
        reason: Abstained,
    },
    /// A tool's document was read before its token was settled.
    Look {
        /// The tool's name.
        name: String,
        /// The probability that it is the one that is asked for, by its document alone.
        probability: f32,
    },
    /// The tool token was generated.
    Tool {
        /// The tool's name.
        name: String,
    },
    /// More of the arguments' JSON.
    Arguments {
        /// The new characters.
        text: String,
        /// Of a stream that is [explained](super::Stream::explained), the new tokens.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        tokens: Vec<ArgumentToken>,
    },
    /// A person must say which tool is meant, or that none is: [`Reply::Choice`](super::Reply).
    Choose {
        /// The likeliest tools, likeliest first.
        candidates: Vec<RankedTool>,
    },
    /// A person must say whether the call may be carried out: [`Reply::Approval`](super::Reply).
    Approve {
        /// The call.
        call: ToolCall,
        /// Why it isn't simply carried out.
        reason: Reason,
    },
    /// The call is to be carried out: [`Reply::Observation`](super::Reply) or `Failure`.
    Execute {
        /// The call.
        call: ToolCall,
    },
    /// The end of a run.
    End {
        /// How it ended.
        #[serde(flatten)]
        end: End,
        /// The calls that were to be carried out, in their order.
        calls: Vec<PastCall>,
    },
    /// The call is complete; nothing has been executed. In a run, `Approve` or `Execute` follows.
    Call {
        /// The tool and its arguments.
        call: ToolCall,
    },
    /// Required arguments were not said: there is no call before they are. In a run, `End` says so.
    Ask {
        /// The tool, and the arguments that were said.
        call: ToolCall,
        /// The names of those that were not.
        parameters: Vec<String>,
    },
    /// A token of free text.
    Token {
        /// Its id.
        id: u32,
        /// Its text; incomplete characters come with the token that completes them.
        text: String,
    },
}

impl Event {
    /// Of new characters and tokens of arguments; a token may be part of a character.
    pub(super) fn of_arguments(text: String, tokens: Vec<ArgumentToken>) -> Option<Self> {
        (!text.is_empty() || !tokens.is_empty()).then_some(Self::Arguments { text, tokens })
    }
}
