//! A call's arguments as generation would write them, token by token, under the tool's grammar.
//!
//! What the grammar forces is written without asking the model; where it leaves a choice, the right token and
//! those that were allowed in its place are noted.

use serde_json::Value;

use crate::Result;
use crate::backend::BitMask;
use crate::conversation::Question;
use crate::generation::{ArgumentConstraint, Grammar};
use crate::prompt;
use crate::schema::{Grounding, flattened, not_said};
use crate::tokenizer::Tokenizer;
use crate::tool::{Arguments, Tool};

/// The tokens of a call's arguments.
#[derive(Debug, Default)]
pub struct Written {
    /// All tokens.
    pub tokens: Vec<u32>,
    /// Those that generation would have chosen: token `.0`.
    pub choices: Vec<(usize, Decision)>,
}

/// An argument token and those that the grammar would have allowed in its place.
#[derive(Debug)]
pub struct Decision {
    /// The token that is read next.
    pub token: u32,
    /// All that begin what is to be written and settle as much of it: a value may be spelled with other tokens.
    pub right: Vec<u32>,
    /// The allowed ones.
    pub allowed: BitMask,
}

/// Writes arguments.
#[derive(Clone, Copy)]
pub struct ArgumentWriter<'a> {
    /// Turns schemas into masks.
    pub grammar: &'a Grammar,
    /// The checkpoint's tokenizer.
    pub tokenizer: &'a Tokenizer,
}

impl ArgumentWriter<'_> {
    /// The arguments of a call that `question` asks for, required ones that it doesn't say as such; `None` when the
    /// schema can't be held or does not allow them. Like the agent, it takes values from the question where it can.
    pub fn write(
        &self,
        tool: &Tool,
        question: &Question,
        arguments: &Arguments,
    ) -> Result<Option<Written>> {
        let parameters = flattened(&tool.parameters).unwrap_or_else(|_| tool.parameters.clone());
        let offered = Grounding::new(question).with_not_said(true);
        for grounding in [Some(&offered), None] {
            let Ok(mut constraint) = self.grammar.arguments(tool, grounding) else {
                return Ok(None);
            };
            let mut arguments = arguments.clone();
            if let Some(grounding) = grounding {
                not_said::put(&mut arguments, &grounding.narrowed(&parameters));
            }
            let arguments = in_schema_order(&parameters, &Value::Object(arguments));
            let text = prompt::spaced_json(&arguments);
            if let Some(written) = self.follow(&mut constraint, &text)? {
                return Ok(Some(written));
            }
        }
        Ok(None)
    }

    fn follow(&self, constraint: &mut ArgumentConstraint, text: &str) -> Result<Option<Written>> {
        let (mut written, mut bytes) = (Written::default(), 0);
        while !constraint.is_complete()? {
            let forced = constraint.take_fast_forward();
            for &token in &forced {
                let next = self.tokenizer.token_bytes(token);
                if !text.as_bytes()[bytes.min(text.len())..].starts_with(&next) {
                    return Ok(None);
                }
                bytes += next.len();
            }
            written.tokens.extend(&forced);
            if !forced.is_empty() {
                continue;
            }
            let Some(rest) = text.get(bytes..).filter(|rest| !rest.is_empty()) else {
                return Ok(None);
            };
            let token = self.tokenizer.encode(rest)?[0];
            let allowed = constraint.mask()?;
            if !allowed.allows(token) {
                return Ok(None);
            }
            let settled = self.tokenizer.token_bytes(token).len();
            let mut right = Vec::new();
            for other in self.grammar.beginnings(rest) {
                let is_right = other == token
                    || allowed.allows(other) && constraint.settles(other, settled)?;
                right.extend(is_right.then_some(other));
            }
            if constraint.take(token).is_err() {
                return Ok(None);
            }
            written.choices.push((written.tokens.len(), Decision { token, right, allowed }));
            written.tokens.push(token);
            bytes += self.tokenizer.token_bytes(token).len();
        }
        Ok((bytes == text.len()).then_some(written))
    }
}

/// What is added to logits, `[choices, vocabulary]`, so that only allowed tokens remain.
pub fn additive_mask(choices: &[&Decision], vocabulary: usize) -> Vec<f32> {
    additive(choices, vocabulary, |choice| choice.allowed.iter())
}

/// As [`additive_mask`], so that only right tokens remain.
pub fn additive_mask_of_right(choices: &[&Decision], vocabulary: usize) -> Vec<f32> {
    additive(choices, vocabulary, |choice| choice.right.iter().copied())
}

fn additive<'a, I: Iterator<Item = u32>>(
    choices: &[&'a Decision],
    vocabulary: usize,
    left: impl Fn(&'a Decision) -> I,
) -> Vec<f32> {
    let mut mask = vec![-1e9; choices.len() * vocabulary];
    for (choice, mask) in choices.iter().zip(mask.chunks_exact_mut(vocabulary)) {
        let ids = left(choice).take_while(|&id| (id as usize) < vocabulary);
        ids.for_each(|id| mask[id as usize] = 0.0);
    }
    mask
}

/// The grammar writes properties in the schema's order.
pub(super) fn in_schema_order(parameters: &Value, arguments: &Value) -> Value {
    let properties = parameters.get("properties").and_then(|p| p.as_object());
    let (Some(properties), Some(given)) = (properties, arguments.as_object()) else {
        return arguments.clone();
    };
    let known = properties.keys().filter_map(|key| Some((key.clone(), given.get(key)?.clone())));
    let unknown = given.iter().filter(|(key, _)| !properties.contains_key(*key));
    Value::Object(known.chain(unknown.map(|(key, value)| (key.clone(), value.clone()))).collect())
}
