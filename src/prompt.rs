//! The texts that the model reads.
//!
//! SmolLM2's chat template is ChatML: `<|im_start|>role\ncontent<|im_end|>\n`. Control tokens are
//! placed by id; what a person or a tool document says is encoded as plain text and can't forge one.

use crate::Result;
use crate::conversation::{Question, Turn};
use crate::schema::takes_times;
use crate::time::{Meaning, mentions};
use crate::tokenizer::Tokenizer;
use crate::tool::Tool;

/// Who speaks in a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Instructions.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
    /// What a call gave.
    Tool,
}

impl Role {
    const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
        }
    }
}

/// The ids of finished turns and the beginning of the assistant's next one: the checkpoint's chat
/// template with a generation prompt.
pub fn chat(tokenizer: &Tokenizer, turns: &[(Role, &str)]) -> Result<Vec<u32>> {
    let (start, end) = (tokenizer.control("<|im_start|>")?, tokenizer.control("<|im_end|>")?);
    let mut ids = Vec::new();
    for (role, content) in turns {
        ids.push(start);
        ids.extend(tokenizer.encode(&format!("{}\n{content}", role.name()))?);
        ids.push(end);
        ids.extend(tokenizer.encode("\n")?);
    }
    ids.push(start);
    ids.extend(tokenizer.encode("assistant\n")?);
    Ok(ids)
}

/// The prompt after which the tool token is generated. No system turn: the rows were fitted
/// without one, and every question is 20 tokens shorter.
pub fn question(tokenizer: &Tokenizer, question: &str) -> Result<Vec<u32>> {
    chat(tokenizer, &[(Role::User, question)])
}

/// Most tokens of the turns before a question.
pub const MAX_BEFORE: usize = 256;
/// Most tokens of a question or an observation among them.
const MAX_PART: usize = 64;

/// The prompt of a question that is understood from the turns before it: each as its question, its call and, in
/// short, what that gave. Of turns that take more than [`MAX_BEFORE`] tokens in all the oldest are left out.
pub fn conversation(tokenizer: &Tokenizer, question: &Question) -> Result<Vec<u32>> {
    let mut prompt = self::question(tokenizer, &question.text)?;
    let mut room = MAX_BEFORE;
    for turn in question.before.iter().rev() {
        let tokens = turn_before(tokenizer, turn)?;
        let Some(left) = room.checked_sub(tokens.len()) else { break };
        room = left;
        prompt.splice(0..0, tokens);
    }
    Ok(prompt)
}

/// An answered question, as it stands before the next.
fn turn_before(tokenizer: &Tokenizer, turn: &Turn) -> Result<Vec<u32>> {
    let short = |text: &str| shortened(tokenizer, text, MAX_PART);
    let arguments = spaced_json(&serde_json::Value::Object(turn.call.arguments.clone()));
    let (text, call) = (short(&turn.text)?, format!("{} {arguments}", turn.call.name));
    let mut turns = vec![(Role::User, text.as_str()), (Role::Assistant, &call)];
    let observation = turn.observation.as_deref().map(short).transpose()?;
    turns.extend(observation.iter().map(|text| (Role::Tool, text.as_str())));
    let mut tokens = chat(tokenizer, &turns)?;
    let opening = chat(tokenizer, &[])?.len(); // of the assistant's turn, which is not to follow yet
    tokens.truncate(tokens.len() - opening);
    Ok(tokens)
}

/// Longest description that a tool's row is computed from, in characters.
const MAX_DESCRIPTION: usize = 320;

/// The prompt that a tool's row is computed from: its document as the user's turn, so that the state
/// before the tool token is like the one that a question for the tool ends in (tool memorization).
pub fn document(tokenizer: &Tokenizer, tool: &Tool) -> Result<Vec<u32>> {
    chat(tokenizer, &[(Role::User, &document_text(tool))])
}

/// A tool's name, description and parameters' names, as the model reads them.
pub fn document_text(tool: &Tool) -> String {
    let description: String = tool.description.chars().take(MAX_DESCRIPTION).collect();
    let mut text = format!("Tool {}: {}", tool.name.replace('_', " "), description.trim());
    let properties = tool.parameters.get("properties").and_then(|p| p.as_object());
    let names: Vec<String> =
        properties.into_iter().flatten().take(8).map(|(name, _)| name.replace('_', " ")).collect();
    if !names.is_empty() {
        text += &format!(" Parameters: {}", names.join(", "));
    }
    text
}

/// Longest part of a description that is read before arguments are written, in characters.
const MAX_SUMMARY: usize = 160;
/// Most values of an enum that are listed.
const MAX_VALUES: usize = 16;

/// What the model reads after the tool token, before it writes the arguments: the chosen tool's name,
/// what it does and what it takes. (The paper too shows the documentation of the tool once it is chosen,
/// section 3.4.) Where it takes dates or times, those that `question` means stand there too.
pub fn arguments(tool: &Tool, question: &Question) -> String {
    arguments_within(tool, question, usize::MAX)
}

/// As [`arguments`], in which no parameter's description is longer than so many characters: for documents that don't
/// fit.
pub fn arguments_within(tool: &Tool, question: &Question, characters: usize) -> String {
    let summary = tool.description.split_inclusive(". ").next().unwrap_or_default();
    let summary: String = summary.chars().take(MAX_SUMMARY).collect();
    let mut text = format!("{}: {}\n", tool.name, summary.trim());
    let properties = tool.parameters.get("properties").and_then(|p| p.as_object());
    let required = tool.parameters.get("required").and_then(|r| r.as_array());
    for (name, schema) in properties.into_iter().flatten() {
        let is_required = required.is_some_and(|names| names.iter().any(|n| n == name));
        let description = schema.get("description").and_then(|d| d.as_str()).unwrap_or_default();
        let description: String = description.chars().take(characters).collect();
        text += &format!("- {name}{}: {description}", if is_required { "" } else { " (optional)" });
        if let Some(values) = schema.get("enum").and_then(|values| values.as_array()) {
            let plain = |value: &serde_json::Value| {
                value.as_str().map_or_else(|| value.to_string(), str::to_owned)
            };
            let values: Vec<String> = values.iter().take(MAX_VALUES).map(plain).collect();
            text += &format!(" [{}]", values.join(", "));
        }
        text.push('\n');
    }
    text + &times(tool, question) + "Arguments:\n"
}

/// Most readings of an expression of time that are read.
const MAX_READINGS: usize = 3;

/// What the question's expressions of time mean, on a line of their own: `Times: tomorrow = 2026-05-15`. Nothing
/// for a tool that takes neither dates nor times.
fn times(tool: &Tool, question: &Question) -> String {
    if !takes_times(&tool.parameters) {
        return String::new();
    }
    let mut meant = Vec::new();
    let (said, start) = question.said();
    for mention in mentions(&said, question.now) {
        if mention.range.start < start {
            continue;
        }
        let readings: Vec<String> = match mention.meaning {
            Meaning::Dates(dates) => dates.iter().map(ToString::to_string).collect(),
            Meaning::Times(times) => {
                times.iter().map(|(hour, minute)| format!("{hour:02}:{minute:02}")).collect()
            }
            Meaning::DateTimes(moments) => moments.iter().map(ToString::to_string).collect(),
            Meaning::Duration { .. } => continue,
        };
        let readings = &readings[..readings.len().min(MAX_READINGS)];
        meant.push(format!("{} = {}", &said[mention.range], readings.join(" or ")));
    }
    if meant.is_empty() { String::new() } else { format!("Times: {}\n", meant.join("; ")) }
}

/// What may follow [`arguments`]: the token that begins them, and the one that ends the turn, where the document
/// turns out not to be of what was asked for.
pub fn look(tokenizer: &Tokenizer) -> Result<[u32; 2]> {
    Ok([tokenizer.encode("{")?[0], tokenizer.control("<|im_end|>")?])
}

/// Longest observation that is read, in tokens, those around it counted.
pub const MAX_OBSERVATION: usize = 256;
/// Characters that no token of prose has more of.
const MAX_TOKEN_CHARS: usize = 16;

/// What follows the arguments, at most [`MAX_OBSERVATION`] tokens: the end of the model's turn, what the call gave, and the
/// beginning of the model's next turn, after which it chooses the next tool or finishes. Of a longer observation
/// the end is left out, whole characters only.
pub fn observation(tokenizer: &Tokenizer, observation: &str) -> Result<Vec<u32>> {
    let start = [vec![tokenizer.control("<|im_end|>")?], tokenizer.encode("\n")?].concat();
    let around = start.len() + chat(tokenizer, &[(Role::Tool, "")])?.len();
    let room = MAX_OBSERVATION.saturating_sub(around);
    let shortened = shortened(tokenizer, observation, room)?;
    Ok([start, chat(tokenizer, &[(Role::Tool, &shortened)])?].concat())
}

/// The beginning of a text that has at most `most` tokens, whole characters only.
fn shortened(tokenizer: &Tokenizer, text: &str, most: usize) -> Result<String> {
    let text: String = text.chars().take(MAX_TOKEN_CHARS * most).collect();
    let mut tokens = tokenizer.encode(&text)?;
    if tokens.len() <= most {
        return Ok(text);
    }
    tokens.truncate(most);
    Ok(tokenizer.decode(&tokens)?.trim_end_matches(char::REPLACEMENT_CHARACTER).to_owned())
}

/// JSON with a space after `,` and `:`, the separators that the argument grammar generates.
pub fn spaced_json(value: &serde_json::Value) -> String {
    use serde_json::Value;
    match value {
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(spaced_json).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(entries) => {
            let entry = |(key, value): (&String, &Value)| {
                format!("{}: {}", Value::from(key.as_str()), spaced_json(value))
            };
            let entries: Vec<_> = entries.iter().map(entry).collect();
            format!("{{{}}}", entries.join(", "))
        }
        scalar => scalar.to_string(),
    }
}
