//! Judging a trained indexing: rankings, and how often a generation names no tool.
//!
//! On the training backend, whose adapters are not merged yet. A question's logits are kept by prefix, so
//! that beams and the unconstrained search read each prefix once, and all questions of a batch are read in
//! one packed pass.

use std::collections::HashMap;
use std::time::Instant;

use super::{Prediction, Report, Tally};
use crate::backend::{BitMask, Scored, TopK, select_top_k};
use crate::generation::beam::{NextToolTokens, WIDTH, beam_search, unconstrained};
use crate::prompt;
use crate::tool::{Instance, Tool};
use crate::training::stages::tool_tokens::ToolTokens;
use crate::training::trainer::Trainer;
use crate::{Error, Result};

/// Questions read in one pass.
const BATCH: usize = 32;

/// What was found.
#[derive(Clone, Debug)]
pub struct Evaluated {
    /// The rankings of five beams.
    pub report: Report,
    /// Share of questions whose likeliest tool tokens, chosen freely, name no tool.
    pub hallucinated_unconstrained: f64,
    /// Share of questions after which a beam that the trie held names no tool.
    pub hallucinated_constrained: f64,
}

/// Judges `tokens` of `tools`. `progress` is told how many instances are done. (A question's latency is its
/// search's, without its share of the batch.)
pub async fn evaluate_indexing(
    trainer: &Trainer,
    tokens: &ToolTokens,
    tools: &[Tool],
    instances: &[Instance],
    mut progress: impl FnMut(usize),
) -> Result<Evaluated> {
    if tokens.sequences.len() != tools.len() {
        let reason = format!("{} sequences for {} tools", tokens.sequences.len(), tools.len());
        return Err(Error::Training(reason));
    }
    let trie = tokens.trie();
    let names = tools.iter().map(|tool| tool.name.as_str());
    let tool_of: HashMap<&[u32], &str> =
        tokens.sequences.iter().map(Vec::as_slice).zip(names).collect();
    let mut tally = Tally::new(tools, false)?;
    let (mut free_astray, mut held_astray) = (0, 0);
    for (batch, instances) in instances.chunks(BATCH).enumerate() {
        let models = Remembered::read(trainer, tokens, instances)?;
        for (mut model, instance) in models.into_iter().zip(instances) {
            let start = Instant::now();
            let beams = beam_search(&mut model, &trie, WIDTH).await?;
            let milliseconds = start.elapsed().as_secs_f64() * 1000.0;
            let named: Vec<Option<&str>> =
                beams.iter().map(|beam| tool_of.get(beam.tokens.as_slice()).copied()).collect();
            held_astray += usize::from(named.contains(&None));
            // The likeliest tool's whole sequence in one pass: the free search mostly goes there.
            if let Some((_, before)) = beams.first().and_then(|beam| beam.tokens.split_last()) {
                model.read_all(&[before])?;
            }
            let free = unconstrained(&mut model, &trie).await?;
            free_astray += usize::from(!tool_of.contains_key(free.as_slice()));

            let ranking = named.into_iter().flatten().map(str::to_owned).collect();
            tally.count(instance, &Prediction { ranking, ..Default::default() }, milliseconds);
        }
        progress(batch * BATCH + instances.len());
    }
    let share = |count: usize| count as f64 / instances.len().max(1) as f64;
    Ok(Evaluated {
        report: tally.finish(),
        hallucinated_unconstrained: share(free_astray),
        hallucinated_constrained: share(held_astray),
    })
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
        instances: &[Instance],
    ) -> Result<Vec<Self>> {
        let tokenizer = &trainer.checkpoint.tokenizer;
        let question = |instance: &Instance| prompt::question(tokenizer, &instance.query);
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
