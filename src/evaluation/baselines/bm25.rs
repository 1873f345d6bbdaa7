//! BM25 over tool documents (Robertson and Zaragoza, 2009; k₁ = 1.2, b = 0.75).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Retriever, best, words};
use crate::Result;
use crate::tool::Tool;

const K1: f64 = 1.2;
const B: f64 = 0.75;

/// An index of tools' names, descriptions and parameters.
pub struct Bm25 {
    /// Word → how often in each document.
    postings: HashMap<String, BTreeMap<usize, f64>>,
    /// Words in each document.
    lengths: Vec<f64>,
    mean_length: f64,
}

impl Bm25 {
    /// Indexes `tools`.
    pub fn new(tools: &[Tool]) -> Self {
        let mut postings: HashMap<String, BTreeMap<usize, f64>> = HashMap::new();
        let mut lengths = Vec::new();
        for (index, tool) in tools.iter().enumerate() {
            let parameters =
                tool.parameters.get("properties").map(ToString::to_string).unwrap_or_default();
            let words = words(&format!("{} {} {parameters}", tool.name, tool.description));
            lengths.push(words.len() as f64);
            for word in words {
                *postings.entry(word).or_default().entry(index).or_default() += 1.0;
            }
        }
        let mean_length = lengths.iter().sum::<f64>() / lengths.len().max(1) as f64;
        Self { postings, lengths, mean_length }
    }

    /// The `k` best tools for `query`.
    pub fn rank(&self, query: &str, k: usize) -> Vec<usize> {
        let n = self.lengths.len() as f64;
        let mut scores = vec![0.0; self.lengths.len()];
        // In the words' order: a sum's rounding must not depend on a hash.
        for word in words(query).into_iter().collect::<BTreeSet<_>>() {
            let Some(posting) = self.postings.get(&word) else { continue };
            let documents = posting.len() as f64;
            let idf = ((n - documents + 0.5) / (documents + 0.5)).ln_1p();
            for (&index, &count) in posting {
                let length = 1.0 - B + B * self.lengths[index] / self.mean_length;
                scores[index] += idf * count * (K1 + 1.0) / (count + K1 * length);
            }
        }
        best(&scores, k)
    }
}

impl Retriever for Bm25 {
    fn rank(&mut self, query: &str, k: usize) -> Result<Vec<usize>> {
        Ok(Self::rank(self, query, k))
    }
}
