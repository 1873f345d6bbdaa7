//! Multinomial naive Bayes on word uni- and bigrams, with additive smoothing.
//!
//! `score(tool) = ln P(tool) + Σ ln (count(term, tool) + α) / (count(·, tool) + α V)` over the terms of
//! the question that training has seen; `V` is the number of different terms. α = 1, add-one, is the
//! textbook's; with a hundred thousand bigrams and a hundred questions a tool it drowns the counts, so
//! the baseline to beat is that of a small α. Tools without a training question are no classes: they
//! come last.

use std::collections::{BTreeMap, HashMap};

use super::{Retriever, best, words};
use crate::Result;
use crate::tool::{Instance, Tool};

/// Counts of terms in each tool's questions.
pub struct NaiveBayes {
    /// Term → how often in the questions of each tool.
    postings: HashMap<String, BTreeMap<usize, f64>>,
    /// Training questions of each tool.
    questions: Vec<f64>,
    /// Terms in each tool's questions, with repetition.
    terms: Vec<f64>,
    /// α: what every count is increased by.
    smoothing: f64,
}

impl NaiveBayes {
    /// Counts over `instances`; `smoothing` is positive. A question with several calls counts for each of its tools, one
    /// without calls for none.
    pub fn train(tools: &[Tool], instances: &[Instance], smoothing: f64) -> Self {
        let index: HashMap<&str, usize> =
            tools.iter().enumerate().map(|(index, tool)| (tool.name.as_str(), index)).collect();
        let mut postings: HashMap<String, BTreeMap<usize, f64>> = HashMap::new();
        let (mut questions, mut lengths) = (vec![0.0; tools.len()], vec![0.0; tools.len()]);
        for instance in instances {
            let terms = terms(&instance.query);
            let called = instance.calls.iter().filter_map(|call| index.get(call.name.as_str()));
            for &tool in called {
                questions[tool] += 1.0;
                lengths[tool] += terms.len() as f64;
                for term in &terms {
                    *postings.entry(term.clone()).or_default().entry(tool).or_default() += 1.0;
                }
            }
        }
        Self { postings, questions, terms: lengths, smoothing }
    }

    /// The `k` likeliest tools for `query`.
    pub fn rank(&self, query: &str, k: usize) -> Vec<usize> {
        let total: f64 = self.questions.iter().sum();
        let known: Vec<_> =
            terms(query).iter().filter_map(|term| self.postings.get(term)).collect();
        let vocabulary = self.postings.len() as f64;
        // What a tool scores if none of the terms is its own; ln 0 = −∞ without a question.
        let mut scores: Vec<f64> = (self.questions.iter().zip(&self.terms))
            .map(|(questions, terms)| {
                let missing = self.smoothing / (terms + self.smoothing * vocabulary);
                (questions / total.max(1.0)).ln() + known.len() as f64 * missing.ln()
            })
            .collect();
        for posting in known {
            for (&tool, &count) in posting {
                scores[tool] += (count / self.smoothing).ln_1p();
            }
        }
        best(&scores, k)
    }
}

impl Retriever for NaiveBayes {
    fn rank(&mut self, query: &str, k: usize) -> Result<Vec<usize>> {
        Ok(Self::rank(self, query, k))
    }
}

/// A question's words, and its pairs of neighbouring words.
fn terms(query: &str) -> Vec<String> {
    let words = words(query);
    let pairs: Vec<String> = words.windows(2).map(|pair| pair.join(" ")).collect();
    words.into_iter().chain(pairs).collect()
}
