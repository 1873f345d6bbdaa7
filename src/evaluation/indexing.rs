//! Judging a trained indexing: rankings, and how often nothing but tools is named (ToolGen, section 4.4).
//!
//! On the training backend, whose adapters are not merged yet. A question's logits are kept by prefix, so
//! that beams and the unconstrained search read each prefix once, and all questions of a batch are read in
//! one packed pass.

use std::collections::HashMap;

use serde::Serialize;

use super::metrics::ndcg;
use crate::agent::prompt;
use crate::backend::{BitMask, Scored, TopK, select_top_k};
use crate::generation::beam::{NextToolTokens, WIDTH, beam_search, unconstrained};
use crate::tool::{Instance, Tool};
use crate::training::tool_tokens::ToolTokens;
use crate::training::trainer::Trainer;
use crate::{Error, Result};

/// Questions read in one pass.
const BATCH: usize = 32;

/// The figures, as shares from 0 to 1.
#[derive(Debug, Default, Serialize)]
pub struct IndexingReport {
    /// The data set.
    pub set: String,
    /// The indexing.
    pub indexing: String,
    /// Training steps.
    pub steps: usize,
    /// The seed of the training.
    pub seed: u64,
    /// Questions judged: those that some tool answers.
    pub instances: usize,
    /// NDCG of the five beams, at 1.
    #[serde(rename = "ndcg@1")]
    pub ndcg_1: f64,
    /// At 3.
    #[serde(rename = "ndcg@3")]
    pub ndcg_3: f64,
    /// At 5.
    #[serde(rename = "ndcg@5")]
    pub ndcg_5: f64,
    /// Questions whose likeliest tool tokens, chosen freely, name no tool.
    pub hallucinated_unconstrained: f64,
    /// Questions after which a beam that the trie held names no tool.
    pub hallucinated_constrained: f64,
}

/// Judges `tokens` of `tools` on the instances that a tool answers; fills all but the first four fields.
/// `progress` is told how many are done.
pub async fn judge_indexing(
    trainer: &Trainer,
    tokens: &ToolTokens,
    tools: &[Tool],
    instances: &[Instance],
    mut progress: impl FnMut(usize),
) -> Result<IndexingReport> {
    if tokens.sequences.len() != tools.len() {
        let reason = format!("{} sequences for {} tools", tokens.sequences.len(), tools.len());
        return Err(Error::Backend(reason));
    }
    let trie = tokens.trie();
    let tool_of: HashMap<&[u32], &str> = tokens
        .sequences
        .iter()
        .map(Vec::as_slice)
        .zip(tools.iter().map(|tool| tool.name.as_str()))
        .collect();
    let answered: Vec<&Instance> =
        instances.iter().filter(|instance| !instance.calls.is_empty()).collect();
    let mut report = IndexingReport { instances: answered.len(), ..Default::default() };
    for (batch, instances) in answered.chunks(BATCH).enumerate() {
        for (index, mut model) in
            Remembered::read(trainer, tokens, instances)?.into_iter().enumerate()
        {
            let beams = beam_search(&mut model, &trie, WIDTH).await?;
            let named: Vec<Option<&str>> =
                beams.iter().map(|beam| tool_of.get(beam.tokens.as_slice()).copied()).collect();
            report.hallucinated_constrained += f64::from(named.contains(&None));
            // The likeliest tool's whole sequence in one pass: the free search mostly goes there.
            if let Some((_, before)) = beams.first().and_then(|beam| beam.tokens.split_last()) {
                model.read_all(&[before])?;
            }
            let free = unconstrained(&mut model, &trie).await?;
            report.hallucinated_unconstrained += f64::from(!tool_of.contains_key(free.as_slice()));

            let ranking: Vec<&str> = named.into_iter().flatten().collect();
            let calls = &instances[index].calls;
            let relevant: Vec<&str> = calls.iter().map(|call| call.name.as_str()).collect();
            report.ndcg_1 += ndcg(&ranking, &relevant, 1);
            report.ndcg_3 += ndcg(&ranking, &relevant, 3);
            report.ndcg_5 += ndcg(&ranking, &relevant, 5);
        }
        progress((batch * BATCH + instances.len()).min(answered.len()));
    }
    let n = answered.len().max(1) as f64;
    for share in [
        &mut report.ndcg_1,
        &mut report.ndcg_3,
        &mut report.ndcg_5,
        &mut report.hallucinated_unconstrained,
        &mut report.hallucinated_constrained,
    ] {
        *share /= n;
    }
    Ok(report)
}

/// A question, and the logits of all tool tokens after the prefixes read so far.
struct Remembered<'a> {
    trainer: &'a Trainer,
    tokens: &'a ToolTokens,
    question: Vec<u32>,
    logits: HashMap<Vec<u32>, Vec<f32>>,
}

impl<'a> Remembered<'a> {
    /// Reads questions in one pass.
    fn read(
        trainer: &'a Trainer,
        tokens: &'a ToolTokens,
        instances: &[&Instance],
    ) -> Result<Vec<Self>> {
        let tokenizer = &trainer.checkpoint.tokenizer;
        let question = |instance: &&Instance| prompt::question(tokenizer, &instance.query);
        let questions = instances.iter().map(question).collect::<Result<Vec<_>>>()?;
        let texts: Vec<(&[u32], &[u32])> =
            questions.iter().map(|question| (question.as_slice(), &[][..])).collect();
        let logits = tokens.logit_rows(trainer, &texts)?;
        let remembered = questions.into_iter().zip(logits).map(|(question, logits)| Self {
            trainer,
            tokens,
            question,
            logits: HashMap::from([(Vec::new(), logits)]),
        });
        Ok(remembered.collect())
    }

    /// Reads those prefixes that are not known, with all that begin them, in one pass.
    fn read_all(&mut self, prefixes: &[&[u32]]) -> Result<()> {
        let unknown: Vec<&[u32]> =
            prefixes.iter().copied().filter(|&prefix| !self.logits.contains_key(prefix)).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let texts: Vec<(&[u32], &[u32])> =
            unknown.iter().map(|&prefix| (self.question.as_slice(), prefix)).collect();
        let mut logits = self.tokens.logit_rows(self.trainer, &texts)?.into_iter();
        for prefix in unknown {
            for len in 0..=prefix.len() {
                let row = logits.next().expect("a row for each place");
                self.logits.insert(prefix[..len].to_vec(), row);
            }
        }
        Ok(())
    }
}

impl NextToolTokens for Remembered<'_> {
    async fn next(&mut self, asked: &[(&[u32], Option<BitMask>)], k: usize) -> Result<Vec<TopK>> {
        let prefixes: Vec<&[u32]> = asked.iter().map(|(prefix, _)| *prefix).collect();
        self.read_all(&prefixes)?;
        let answer = |(prefix, mask): &(&[u32], Option<BitMask>)| {
            let rows: Vec<Scored> = (0..)
                .zip(&self.logits[*prefix])
                .filter(|&(id, _)| mask.as_ref().is_none_or(|mask| mask.allows(id)))
                .map(|(id, &logit)| Scored { id, logit })
                .collect();
            select_top_k(&rows, k)
        };
        Ok(asked.iter().map(answer).collect())
    }
}
