//! The texts that the model reads.
//!
//! SmolLM2's chat template is ChatML: `<|im_start|>role\ncontent<|im_end|>\n`. Control tokens are
//! placed by id; what a person or a tool document says is encoded as plain text and can't forge one.

use crate::Result;
use crate::tokenizer::Tokenizer;
use crate::tool::{Example, Tool};

/// Who speaks in a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Instructions.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
}

impl Role {
    const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
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

/// What the model reads after the tool token, before it writes the arguments: the chosen tool's
/// document and a few examples. (The paper too shows the documentation of the tool once it is
/// chosen, section 3.4.) `examples` come most similar last, nearest to the question.
pub fn arguments(tool: &Tool, examples: &[&Example], question: &str) -> String {
    let mut text = format!("{}: {}\n", tool.name, tool.description);
    if let Some(properties) = tool.parameters.get("properties").and_then(|p| p.as_object()) {
        for (name, schema) in properties {
            let description =
                schema.get("description").and_then(|d| d.as_str()).unwrap_or_default();
            text += &format!("- {name}: {description}\n");
        }
    }
    for example in examples {
        let arguments = spaced_json(&serde_json::Value::Object(example.arguments.clone()));
        text += &format!("\nQuestion: {}\nArguments:\n{arguments}\n", example.query);
    }
    text + &format!("\nQuestion: {question}\nArguments:\n")
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

/// The `count` examples that share most words with the question, most similar last.
pub fn nearest_examples<'a>(tool: &'a Tool, question: &str, count: usize) -> Vec<&'a Example> {
    let words = |text: &str| -> std::collections::HashSet<String> {
        text.to_lowercase()
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(Into::into)
            .collect()
    };
    let asked = words(question);
    let similarity = |example: &&Example| {
        let words = words(&example.query);
        let shared = words.intersection(&asked).count() as f32;
        shared / (words.len() + asked.len()).max(1) as f32
    };
    let mut examples: Vec<&Example> = tool.examples.iter().collect();
    examples.sort_by(|a, b| similarity(b).total_cmp(&similarity(a)));
    examples.truncate(count);
    examples.reverse();
    examples
}
