//! Hierarchical indexing: labels of clusters within clusters.
//!
//! Tools whose documents end in near states share the beginning of their sequences: k-means cuts the
//! tools into at most [`BRANCHES`] clusters, each of these again, until a cluster has no more tools than
//! there are labels; in it each tool has its own. (As differentiable search indices do with documents,
//! <https://arxiv.org/abs/2202.06991>, section 3.2.) A label is one tool token wherever it stands.

use rand::SeedableRng;
use rand::rngs::StdRng;

use super::k_means::k_means;
use super::{Indexing, IndexingKind};

/// Labels.
pub const BRANCHES: usize = 10;

/// The paths of all tools in the tree of clusters.
#[derive(Clone, Debug)]
pub struct Hierarchical {
    sequences: Vec<Vec<u32>>,
}

impl Hierarchical {
    /// Clusters tools by the states of their documents, `[tools, d]` row by row, each feature measured in
    /// its own deviations. The same states and seed give the same indexing.
    pub fn new(states: &[Vec<f32>], seed: u64) -> Self {
        let mut sequences = vec![Vec::new(); states.len()];
        let all: Vec<usize> = (0..states.len()).collect();
        divide(&standardized(states), &all, &mut StdRng::seed_from_u64(seed), &mut sequences);
        Self { sequences }
    }
}

/// Every feature less its mean, over its deviation.
fn standardized(states: &[Vec<f32>]) -> Vec<Vec<f32>> {
    let mut states = states.to_vec();
    for feature in 0..states.first().map_or(0, Vec::len) {
        let count = states.len() as f32;
        let mean = states.iter().map(|state| state[feature]).sum::<f32>() / count;
        states.iter_mut().for_each(|state| state[feature] -= mean);
        let variance = states.iter().map(|state| state[feature].powi(2)).sum::<f32>() / count;
        let deviation = variance.sqrt().max(1e-6);
        states.iter_mut().for_each(|state| state[feature] /= deviation);
    }
    states
}

/// Labels the tools of one cluster, then those of the clusters within.
fn divide(states: &[Vec<f32>], tools: &[usize], random: &mut StdRng, sequences: &mut [Vec<u32>]) {
    let mut clusters: Vec<Vec<usize>> = if tools.len() <= BRANCHES {
        tools.iter().map(|&tool| vec![tool]).collect()
    } else {
        let points: Vec<&[f32]> = tools.iter().map(|&tool| states[tool].as_slice()).collect();
        let mut clusters = vec![Vec::new(); BRANCHES];
        for (&tool, cluster) in tools.iter().zip(k_means(&points, BRANCHES, random)) {
            clusters[cluster].push(tool);
        }
        clusters.retain(|cluster| !cluster.is_empty());
        clusters
    };
    if clusters.len() == 1 && tools.len() > 1 {
        // Documents that say the same are cut as they come.
        clusters = tools.chunks(tools.len().div_ceil(BRANCHES)).map(<[usize]>::to_vec).collect();
    }
    for (label, cluster) in (0..).zip(&clusters) {
        cluster.iter().for_each(|&tool| sequences[tool].push(label));
        if cluster.len() > 1 {
            divide(states, cluster, random, sequences);
        }
    }
}

impl Indexing for Hierarchical {
    fn kind(&self) -> IndexingKind {
        IndexingKind::Hierarchical
    }

    fn tool_tokens(&self) -> usize {
        BRANCHES
    }

    fn sequences(&self) -> Vec<Vec<u32>> {
        self.sequences.clone()
    }

    fn texts(&self) -> Vec<String> {
        (0..BRANCHES).map(|label| label.to_string()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_tools_share_a_beginning() {
        let state = |tool: usize| vec![(tool % 4) as f32 * 100.0 + tool as f32 / 100.0; 3];
        let states: Vec<Vec<f32>> = (0..80).map(state).collect();
        let sequences = Hierarchical::new(&states, 1).sequences();
        let labels = |group| {
            let firsts = (0..80).filter(|tool| tool % 4 == group).map(|tool| sequences[tool][0]);
            firsts.collect::<std::collections::BTreeSet<_>>()
        };
        for (a, b) in [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)] {
            assert!(labels(a).is_disjoint(&labels(b)));
        }
        assert_eq!(sequences, Hierarchical::new(&states, 1).sequences());
    }
}
