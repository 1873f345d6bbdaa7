//! Writes arguments under a grammar: given ones, to see whether it allows them, and random ones.

use serde_json::Value;
use toolgen::backend::cpu::Cpu;
use toolgen::generation::Grammar;
use toolgen::schema::{Grounding, flattened, not_said};
use toolgen::tokenizer::Tokenizer;
use toolgen::tool::Tool;

use crate::common;

/// Arguments against grammars.
pub struct Writer {
    tokenizer: Tokenizer,
    grammar: Grammar,
}

impl Writer {
    pub fn new() -> Self {
        let tokenizer = common::read(Cpu, &common::tiny(), 1 << 20).unwrap().tokenizer;
        let grammar = Grammar::new(&tokenizer).unwrap();
        Self { tokenizer, grammar }
    }

    /// Whether these arguments can be written, with the values of a question alone if one is given.
    pub fn can_write(&self, schema: &Value, question: Option<&str>, arguments: &str) -> bool {
        let grounding = question.map(|question| Grounding::new(&question.into()));
        self.can_write_of(schema, grounding.as_ref(), arguments)
    }

    /// As [`Self::can_write`], by a model that says of each argument whether it was said.
    pub fn can_say(&self, schema: &Value, question: &str, arguments: &Value) -> bool {
        let grounding = Grounding::new(&question.into()).with_not_said(true);
        let flat = flattened(schema).unwrap();
        let narrowed = grounding.narrowed(&flat);
        let Value::Object(mut said) = arguments.clone() else { return false };
        not_said::put(&mut said, &narrowed);
        let text = toolgen::prompt::spaced_json(&Value::Object(said.clone()));
        let is_left =
            not_said::take(&mut said, &flat).is_empty() && Value::Object(said) == *arguments;
        is_left && self.can_write_of(schema, Some(&grounding), &text)
    }

    fn can_write_of(&self, schema: &Value, grounding: Option<&Grounding>, arguments: &str) -> bool {
        let mut constraint = match self.grammar.arguments(&tool(schema), grounding) {
            Ok(constraint) => constraint,
            Err(error) => panic!("{error}: {schema}"),
        };
        let tokens = self.tokenizer.encode(arguments).unwrap();
        tokens.into_iter().all(|token| {
            let allowed = constraint.mask().unwrap().allows(token);
            allowed && constraint.take(token).is_ok()
        }) && constraint.is_complete().unwrap()
    }

    /// Whether a schema is held as it is.
    pub fn holds(&self, schema: &Value) -> bool {
        self.grammar.arguments(&tool(schema), None).is_ok()
    }

    /// Arguments of random choices; none under a schema that isn't held, an error where the grammar has no way on.
    pub fn write_anything(
        &self,
        schema: &Value,
        grounding: Option<&Grounding>,
        seed: u64,
    ) -> Option<Result<String, String>> {
        let mut constraint = self.grammar.arguments(&tool(schema), grounding).ok()?;
        let mut state = seed | 1;
        let mut random = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 8) as usize
        };
        let ends: Vec<u32> =
            ["\"", "}", "]", "\"}", "0"].map(|end| self.tokenizer.encode(end).unwrap()[0]).into();
        let mut ids = constraint.take_fast_forward();
        while !constraint.is_complete().unwrap() {
            let mask = constraint.mask().unwrap();
            let allowed: Vec<u32> = mask.iter().collect();
            let text = || format!("{:?} under {schema}", self.tokenizer.decode(&ids));
            if ids.len() > 4000 {
                return None; // more than a call may have
            }
            if allowed.is_empty() {
                return Some(Err(format!("no way on after {}", text())));
            }
            // Random characters alone would seldom end a text.
            let ending = (ids.len() > 300 || random() % 4 == 0)
                .then(|| ends.iter().copied().find(|&end| mask.allows(end)))
                .flatten();
            let id = ending.unwrap_or_else(|| allowed[random() % allowed.len()]);
            constraint.take(id).unwrap();
            ids.push(id);
            ids.extend(constraint.take_fast_forward());
        }
        Some(Ok(self.tokenizer.decode(&ids).unwrap()))
    }
}

fn tool(schema: &Value) -> Tool {
    Tool {
        name: "test".into(),
        description: String::new(),
        parameters: schema.clone(),
        http: None,
        annotations: Default::default(),
    }
}
