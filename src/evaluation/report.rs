//! The figures of one run, as shares from 0 to 1 where nothing else is said.

use serde::{Deserialize, Serialize};

/// What `toolgen eval --json` prints.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Questions evaluated.
    pub instances: usize,
    /// Those of them that exactly one call answers.
    pub instances_single: usize,
    /// Those that no tool answers; they count for abstention alone.
    pub instances_none: usize,
    /// Tools in the choice.
    pub tools: usize,
    /// The ranking, over the questions that some tool answers.
    #[serde(flatten)]
    pub ranking: RankingReport,
    /// The same over single-call questions, where there are others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub single: Option<RankingReport>,
    /// Whole calls, where calls were made.
    #[serde(flatten)]
    pub calls: Option<CallReport>,
    /// Saying "no tool", where no tool was right or the method said so.
    #[serde(flatten)]
    pub abstention: Option<AbstentionReport>,
    /// How far probabilities are from the truth: the mean distance between how sure the method was of what it
    /// would do and how often it was right, over ten bins of equal width (Guo et al. 2017, equation 3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration_error: Option<f64>,
    /// Milliseconds a question.
    pub latency_ms: Latency,
}

/// The figures of rankings. An entry "no tool" takes no rank, so abstaining costs tool accuracy and
/// nothing else here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RankingReport {
    /// NDCG at 1.
    #[serde(rename = "ndcg@1")]
    pub ndcg_1: f64,
    /// NDCG at 3.
    #[serde(rename = "ndcg@3")]
    pub ndcg_3: f64,
    /// NDCG at 5.
    #[serde(rename = "ndcg@5")]
    pub ndcg_5: f64,
    /// Share of the right tools among the first five.
    #[serde(rename = "recall@5")]
    pub recall_5: f64,
    /// Questions for which the method would call a right tool.
    pub tool_accuracy: f64,
}

/// The figures of whole calls. Where several calls are right, one of them is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CallReport {
    /// Questions whose tool and every argument are right, among those with labelled arguments.
    pub call_exact: f64,
    /// F1 over (name, value) pairs of arguments; a wrong tool has none right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub argument_f1: Option<f64>,
    /// Questions with a call that names a tool of the pack and satisfies its schema by an
    /// independent validator, among those where the method did not abstain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_calls: Option<f64>,
}

/// How well a method knows that no tool fits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AbstentionReport {
    /// Right abstentions among all abstentions; 0 when there are none.
    pub abstention_precision: f64,
    /// Right abstentions among the questions that no tool answers; 0 when there are none.
    pub abstention_recall: f64,
    /// The harmonic mean of the two.
    pub abstention_f1: f64,
}

/// How long a question takes, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// The median.
    pub p50: f64,
    /// 95 of 100 take less.
    pub p95: f64,
}
