//! Examples as conversations in ShareGPT's form, for training with PyTorch.
//!
//! The form is that of ToolGen's own training data (<https://github.com/Reason-Wang/ToolGen>): turns with a
//! role, a content and whether it is learned; a tool is a token in angle brackets, `<<tool&&api>>`, here
//! `<<data set&&tool>>`, which the tokenizer must be given as one new token.

use rand::SeedableRng;
use rand::rngs::StdRng;
use serde::Serialize;
use serde_json::Value;

use super::imagined_answer::imagined_answer;
use super::mixture::Source;
use super::written_arguments::in_schema_order;
use crate::conversation::Question;
use crate::prompt;
use crate::tool::Instance;

/// The token after a question that no tool fits.
pub const ABSTAIN: &str = "<<Abstain>>";
/// The token that ends the agent's work.
pub const FINISH: &str = "<<Finish>>";

/// What the agent is told before the question.
const SYSTEM: &str = "You fulfil the user's wish with actions. At each step you generate one action token, \
read the action's documentation, generate its input as JSON, and read what it gave. When the wish is \
fulfilled you generate <<Finish>>; when no action fits it you generate <<Abstain>>.";
/// Stands before the document, as in ToolGen's inference.
const DOCUMENTATION: &str = "Please give the input. Here is the documentation: ";

/// An example.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Conversation {
    /// Who says what, in order.
    pub conversations: Vec<Turn>,
}

/// A turn of a conversation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Turn {
    /// `system`, `user` or `assistant`.
    pub role: &'static str,
    /// What is said.
    pub content: String,
    /// Whether the model learns to say it.
    pub loss: bool,
}

/// The token of a tool.
pub fn token(source: &str, tool: &str) -> String {
    format!("<<{source}&&{tool}>>")
}

/// The tokens of the tools that training may see.
pub fn tokens(source: &Source) -> impl Iterator<Item = String> {
    visible(source).map(move |tool| token(&source.name, &source.tools[tool].name))
}

/// Stage 1: document → token.
pub fn memorization(source: &Source) -> impl Iterator<Item = Conversation> {
    visible(source).map(move |tool| {
        let tool = &source.tools[tool];
        conversation([user(prompt::document_text(tool)), said(token(&source.name, &tool.name))])
    })
}

/// Stage 2: question → token. A question with several calls is one example for each.
pub fn retrieval(source: &Source) -> impl Iterator<Item = Conversation> {
    source.questions.iter().flat_map(move |(instance, tools)| {
        let right: Vec<String> = match tools.as_slice() {
            [] => vec![ABSTAIN.into()],
            tools => tools.iter().map(|&t| token(&source.name, &source.tools[t].name)).collect(),
        };
        let example = |right| conversation([user(instance.query.clone()), said(right)]);
        right.into_iter().map(example).collect::<Vec<_>>()
    })
}

/// Stage 3: question → token → document → arguments → observation → … → finish. Questions whose arguments
/// are not labelled are left out. No call is made: the observations are made up.
pub fn agent(source: &Source) -> impl Iterator<Item = Conversation> {
    source.questions.iter().enumerate().filter_map(move |(index, (instance, tools))| {
        trajectory(source, instance, tools, StdRng::seed_from_u64(index as u64))
    })
}

fn trajectory(
    source: &Source,
    instance: &Instance,
    tools: &[usize],
    mut random: StdRng,
) -> Option<Conversation> {
    let mut turns = vec![
        Turn { role: "system", content: SYSTEM.into(), loss: false },
        user(instance.query.clone()),
    ];
    for (call, &tool) in instance.calls.iter().zip(tools) {
        let tool = &source.tools[tool];
        let arguments = in_schema_order(&tool.parameters, &Value::Object(call.arguments.clone()?));
        turns.push(said(token(&source.name, &tool.name)));
        turns.push(user(format!(
            "{DOCUMENTATION}{}",
            prompt::arguments(tool, &Question::from(&instance.query))
        )));
        turns.push(said(prompt::spaced_json(&arguments)));
        turns.push(user(imagined_answer(tool, &mut random)));
    }
    turns.push(said(if instance.calls.is_empty() { ABSTAIN } else { FINISH }.into()));
    Some(Conversation { conversations: turns })
}

fn visible(source: &Source) -> impl Iterator<Item = usize> {
    (0..source.tools.len()).filter(|&tool| source.visible[tool])
}

fn conversation(turns: [Turn; 2]) -> Conversation {
    Conversation { conversations: turns.into() }
}

fn user(content: String) -> Turn {
    Turn { role: "user", content, loss: false }
}

fn said(content: String) -> Turn {
    Turn { role: "assistant", content, loss: true }
}
