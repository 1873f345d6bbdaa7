//! Arguments held to the tool's JSON Schema.
//!
//! llguidance turns a schema into a mask over the vocabulary at every step, and names the tokens
//! that are forced (brackets, property names, the rest of an enum's only match), which need no
//! model. Without a valid grammar nothing is generated: it fails closed.

use std::sync::Arc;

use llguidance::api::TopLevelGrammar;
use llguidance::{Matcher, ParserFactory};
use serde_json::{Value, json};
use toktrie::{InferenceCapabilities, TokEnv, TokRxInfo, TokTrie, TokenizerEnv};

use crate::backend::BitMask;
use crate::schema::bounds::bound;
use crate::schema::digits::quote;
use crate::schema::{Grounding, flattened};
use crate::tokenizer::Tokenizer;
use crate::tool::Tool;
use crate::{Error, Result};

/// Characters of a string with a pattern that the schema leaves unbounded: a code, a name, an address, each of whose characters may be a
/// token. llguidance can't hold every pattern together with every length: what is too intricate for the first
/// is tried with the second, and else has none.
const MAX_PATTERNED: [u64; 2] = [256, 64];
/// Compiles JSON Schemas for one tokenizer.
pub struct Grammar {
    factory: ParserFactory,
}

/// The grammar of one tool's arguments, and how far it has come.
pub struct ArgumentConstraint {
    tool: String,
    matcher: Matcher,
}

/// llguidance's view of the tokenizer.
struct Environment {
    tokenizer: Tokenizer,
    trie: TokTrie,
}

impl TokenizerEnv for Environment {
    fn tok_trie(&self) -> &TokTrie {
        &self.trie
    }

    fn tokenize_bytes(&self, bytes: &[u8]) -> Vec<u32> {
        let encode = |text: &str| self.tokenizer.encode(text).unwrap_or_default();
        self.trie.tokenize_with_greedy_fallback(bytes, encode)
    }
}

impl Grammar {
    /// Prepares the vocabulary.
    pub fn new(tokenizer: &Tokenizer) -> Result<Self> {
        let mut words: Vec<Vec<u8>> =
            (0..tokenizer.len() as u32).map(|id| tokenizer.token_bytes(id)).collect();
        for (_, id) in tokenizer.controls() {
            words[id as usize].insert(0, TokTrie::SPECIAL_TOKEN_MARKER);
        }
        let trie = TokTrie::from(&TokRxInfo::new(tokenizer.len() as u32, tokenizer.end()), &words);
        let environment: TokEnv = Arc::new(Environment { tokenizer: tokenizer.clone(), trie });
        let capabilities = InferenceCapabilities { ff_tokens: true, ..Default::default() };
        let mut factory = ParserFactory::new(&environment, capabilities, &[])
            .map_err(|error| Error::Tokenizer(format!("no grammar can be made for it: {error}")))?;
        factory.quiet();
        Ok(Self { factory })
    }

    /// The constraint of `tool`'s arguments. A schema that llguidance does not hold in full
    /// (an unsupported keyword, a contradiction) is refused, not weakened.
    /// With a `grounding`, values come from the question where it offers some, and a required argument may be
    /// [not said](crate::schema::not_said).
    pub fn arguments(
        &self,
        tool: &Tool,
        grounding: Option<&Grounding>,
    ) -> Result<ArgumentConstraint> {
        let refused = |reason: String| Error::Schema {
            tool: tool.name.clone(),
            path: "parameters".into(),
            reason: format!("this JSON Schema is not supported: {reason}"),
        };
        if !tool.parameters.is_object() {
            return Err(refused("it must be an object's".into()));
        }
        let flat = flattened(&tool.parameters).map_err(|error| refused(error.to_string()))?;
        let schema = grounding.map_or_else(|| flat.clone(), |grounding| grounding.narrowed(&flat));
        let [long, short] = MAX_PATTERNED;
        let matcher = self.matcher(&schema, long);
        let matcher = matcher.or_else(|_| self.matcher(&schema, short));
        let matcher = matcher.or_else(|_| self.matcher(&schema, u64::MAX)).map_err(refused)?;
        Ok(ArgumentConstraint { tool: tool.name.clone(), matcher })
    }

    /// The tokens that `text` begins with.
    pub fn beginnings(&self, text: &str) -> Vec<u32> {
        self.factory.tok_env().tok_trie().all_prefixes(text.as_bytes())
    }

    /// Fails on the first tool whose schema is not held in full.
    pub fn check(&self, tools: &[Tool]) -> Result<()> {
        tools.iter().try_for_each(|tool| self.arguments(tool, None).map(drop))
    }

    /// The grammar of a schema's bounded form, or why there is none.
    fn matcher(&self, schema: &Value, max_patterned: u64) -> std::result::Result<Matcher, String> {
        let mut schema = schema.clone();
        bound(&mut schema, max_patterned);
        quote(&mut schema);
        schema["x-guidance"] = json!({
            "whitespace_flexible": false, "item_separator": ", ", "key_separator": ": "
        });
        let grammar = TopLevelGrammar::from_json_schema(schema);
        let matcher = Matcher::new(self.factory.create_parser(grammar));
        match matcher.get_error() {
            None => Ok(matcher),
            Some(reason) => Err(reason),
        }
    }
}

impl ArgumentConstraint {
    /// The tokens that must come next, already taken as generated; often empty.
    pub fn take_fast_forward(&mut self) -> Vec<u32> {
        self.matcher.consume_ff_tokens()
    }

    /// The tokens that may come next.
    pub fn mask(&mut self) -> Result<BitMask> {
        let mask = self.matcher.compute_mask().map_err(|error| self.failed(&error))?;
        Ok(BitMask::from_words(mask.as_slice().to_vec()))
    }

    /// Takes a generated token.
    pub fn take(&mut self, token: u32) -> Result<()> {
        self.matcher.consume_token(token).map_err(|error| self.failed(&error))
    }

    /// Whether `token`, with what must come after it, settles as many `bytes`. A space settles nothing where `null` and
    /// `"` may follow it.
    pub fn settles(&mut self, token: u32, bytes: usize) -> Result<bool> {
        self.take(token)?;
        let forced = self.matcher.compute_ff_bytes().len();
        self.matcher.rollback(1).map_err(|error| self.failed(&error))?;
        let environment = self.matcher.tok_env().map_err(|error| self.failed(&error))?;
        Ok(environment.tok_trie().token_len(token) + forced >= bytes)
    }

    /// Whether the arguments are whole: the object is closed.
    pub fn is_complete(&mut self) -> Result<bool> {
        if self.matcher.is_stopped() {
            return Ok(true);
        }
        self.matcher.is_accepting().map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &impl std::fmt::Display) -> Error {
        let (tool, path) = (self.tool.clone(), "parameters".into());
        Error::Schema { tool, path, reason: format!("generation can't go on: {error}") }
    }
}
