//! BM25 over tool documents (Robertson and Zaragoza, 2009; k₁ = 1.2, b = 0.75).

use std::collections::{HashMap, HashSet};

use crate::tool::Tool;

const K1: f64 = 1.2;
const B: f64 = 0.75;

/// An index of tools' names, descriptions and parameters.
pub struct Bm25 {
    names: Vec<String>,
    /// Word → how often in each document.
    postings: HashMap<String, HashMap<usize, f64>>,
    lengths: Vec<f64>,
    mean_length: f64,
}

impl Bm25 {
    /// Indexes `tools`.
    pub fn new(tools: &[Tool]) -> Self {
        let mut postings: HashMap<String, HashMap<usize, f64>> = HashMap::new();
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
        Self {
            names: tools.iter().map(|tool| tool.name.clone()).collect(),
            postings,
            lengths,
            mean_length,
        }
    }

    /// The `k` best tools for `query`.
    pub fn rank(&self, query: &str, k: usize) -> Vec<&str> {
        let n = self.names.len() as f64;
        let mut scores = vec![0.0; self.names.len()];
        for word in words(query).into_iter().collect::<HashSet<_>>() {
            let Some(posting) = self.postings.get(&word) else { continue };
            let documents = posting.len() as f64;
            let idf = ((n - documents + 0.5) / (documents + 0.5)).ln_1p();
            for (&index, &count) in posting {
                let length = 1.0 - B + B * self.lengths[index] / self.mean_length;
                scores[index] += idf * count * (K1 + 1.0) / (count + K1 * length);
            }
        }
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]).then(a.cmp(&b)));
        order.into_iter().take(k).map(|index| self.names[index].as_str()).collect()
    }
}

fn words(text: &str) -> Vec<String> {
    let word = |word: &str| word.to_lowercase();
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(word).collect()
}
