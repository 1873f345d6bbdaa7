//! The base model with tool documents in its prompt: what ToolGen does without.
//!
//! The system turn lists the candidates' names and descriptions; the reply is held to a trie of
//! their names, and the `k` likeliest names are found by best-first search. A catalogue that does not
//! fit is narrowed to the best of BM25 for each question.

use std::collections::BinaryHeap;

use super::Retriever;
use super::bm25::Bm25;
use crate::backend::{Backend, Sequence};
use crate::model::Checkpoint;
use crate::prompt::{Role, chat};
use crate::tool::Tool;
use crate::virtualization::Trie;
use crate::{Error, Result};

/// Most tokens of documents and question together.
const MAX_PROMPT: usize = 4096;
/// Most tokens of a question beside documents.
const MAX_QUESTION: usize = 512;
/// Most tokens of a tool's name, with the token that ends it.
const MAX_NAME: usize = 64;
/// Candidates that BM25 picks where the documents do not fit.
pub const CANDIDATES: usize = 20;

/// The base model, asked with documents in its prompt.
pub struct Prompted<'a, B: Backend> {
    checkpoint: &'a Checkpoint<B>,
    tools: &'a [Tool],
    /// Narrows the tools for each question; absent when all of them fit.
    narrow: Option<Bm25>,
    sequence: B::Sequence,
    /// What `sequence` has read.
    read: Vec<u32>,
}

impl<'a, B: Backend> Prompted<'a, B> {
    /// A prompt of `tools`' documents.
    pub fn new(checkpoint: &'a Checkpoint<B>, tools: &'a [Tool]) -> Result<Self> {
        let all: Vec<usize> = (0..tools.len()).collect();
        let length = checkpoint.tokenizer.encode(&system(tools, &all))?.len();
        let capacity = (MAX_PROMPT + MAX_NAME).min(checkpoint.decoder.config.context);
        Ok(Self {
            checkpoint,
            tools,
            narrow: (length + MAX_QUESTION > MAX_PROMPT).then(|| Bm25::new(tools)),
            sequence: checkpoint.decoder.sequence(capacity),
            read: Vec::new(),
        })
    }

    /// Whether BM25 picks candidates because the documents do not fit the prompt.
    pub fn is_narrowed(&self) -> bool {
        self.narrow.is_some()
    }

    /// Reads `tokens` from the start of a sequence, less what it has in common with what was read
    /// before, and returns the residual stream of the last, `[1, d]`.
    fn forward(&mut self, tokens: &[u32]) -> Result<B::Tensor> {
        let common = self.read.iter().zip(tokens).take_while(|(a, b)| a == b).count();
        let common = common.min(tokens.len() - 1);
        self.sequence.truncate(common);
        self.read.truncate(common);
        let x = self.checkpoint.decoder.forward(&tokens[common..], &mut self.sequence)?;
        self.read.extend(&tokens[common..]);
        Ok(x)
    }
}

impl<B: Backend> Retriever for Prompted<'_, B> {
    fn rank(&mut self, query: &str, k: usize) -> Result<Vec<usize>> {
        let candidates = match &self.narrow {
            Some(index) => index.rank(query, CANDIDATES),
            None => (0..self.tools.len()).collect(),
        };
        let tokenizer = &self.checkpoint.tokenizer;
        let turns = [(Role::System, &*system(self.tools, &candidates)), (Role::User, query)];
        let prompt = chat(tokenizer, &turns)?;
        if prompt.len() > MAX_PROMPT {
            return Err(Error::QuestionTooLong { tokens: prompt.len(), limit: MAX_PROMPT });
        }
        let name = |&tool: &usize| -> Result<Vec<u32>> {
            let mut tokens = tokenizer.encode(&self.tools[tool].name)?;
            tokens.truncate(MAX_NAME - 1);
            tokens.push(tokenizer.end());
            Ok(tokens)
        };
        let names: Vec<Vec<u32>> = candidates.iter().map(name).collect::<Result<_>>()?;
        let trie = Trie::new(tokenizer.len(), &names);

        // Probabilities only fall along a name, so names leave the queue by falling probability.
        let mut queue = BinaryHeap::from([Prefix { log_probability: 0.0, tokens: Vec::new() }]);
        let mut ranking = Vec::new();
        while let Some(prefix) = queue.pop() {
            if let Some(candidate) = trie.tool(&prefix.tokens) {
                ranking.push(candidates[candidate]);
                if ranking.len() == k {
                    break;
                }
                continue;
            }
            let mask = trie.allowed(&prefix.tokens).expect("the queue holds prefixes of names");
            let next: Vec<u32> = mask.iter().collect();
            let mut extend = |token, log_probability| {
                let tokens = [&prefix.tokens[..], &[token]].concat();
                queue.push(Prefix { log_probability, tokens });
            };
            if let [only] = next[..] {
                extend(only, prefix.log_probability); // nothing to choose, nothing to compute
                continue;
            }
            let x = self.forward(&[&prompt[..], &prefix.tokens].concat())?;
            let decoder = &self.checkpoint.decoder;
            let top = pollster::block_on(decoder.next_tokens(&x, Some(&mask), next.len()))?;
            for scored in &top.best {
                extend(scored.id, prefix.log_probability + scored.logit - top.log_sum_exp);
            }
        }
        Ok(ranking)
    }
}

/// The beginning of a name and its log-probability, ordered by it.
struct Prefix {
    log_probability: f32,
    tokens: Vec<u32>,
}

impl Ord for Prefix {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let by_tokens = || other.tokens.cmp(&self.tokens);
        self.log_probability.total_cmp(&other.log_probability).then_with(by_tokens)
    }
}

impl PartialOrd for Prefix {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Prefix {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Prefix {}

/// The system turn.
fn system(tools: &[Tool], candidates: &[usize]) -> String {
    let mut text = String::from("You choose the tool that answers the user. The tools are:\n");
    for &index in candidates {
        text += &format!("- {}: {}\n", tools[index].name, tools[index].description);
    }
    text + "Reply with the name of the one tool that fits best and nothing else."
}
