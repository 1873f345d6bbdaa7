//! The formulas.

use serde_json::Value;

use crate::tool::Arguments;

/// NDCG@k with binary gains: `Σ rel_i / log2(i + 1)` over the first `k` ranks, over its best value.
///
/// ```
/// use toolgen::evaluation::metrics::ndcg;
/// assert_eq!(ndcg(&["a", "b"], &["a"], 1), 1.0);
/// assert_eq!(ndcg(&["b", "a"], &["a"], 1), 0.0);
/// assert!((ndcg(&["b", "a"], &["a"], 5) - 0.6309).abs() < 1e-4);
/// // Two relevant tools at ranks 1 and 3: (1 + 1/2) / (1 + 1/log2(3)).
/// assert!((ndcg(&["a", "x", "b"], &["a", "b"], 5) - 0.9197).abs() < 1e-4);
/// ```
pub fn ndcg(ranking: &[&str], relevant: &[&str], k: usize) -> f64 {
    let discount = |rank: usize| 1.0 / ((rank + 2) as f64).log2();
    let found = |(_, name): &(usize, &&str)| relevant.contains(*name);
    let gain: f64 =
        ranking.iter().take(k).enumerate().filter(found).map(|(rank, _)| discount(rank)).sum();
    let best: f64 = (0..relevant.len().min(k)).map(discount).sum();
    if best == 0.0 { 0.0 } else { gain / best }
}

/// The share of the relevant tools among the first `k`.
pub fn recall(ranking: &[&str], relevant: &[&str], k: usize) -> f64 {
    let found =
        relevant.iter().filter(|name| ranking.iter().take(k).any(|ranked| ranked == *name)).count();
    found as f64 / relevant.len().max(1) as f64
}

/// F1 of `found` things of which `right` are among the `expected` ones; 0 when there are none at all.
pub fn f1(right: usize, found: usize, expected: usize) -> f64 {
    2.0 * right as f64 / (found + expected).max(1) as f64
}

/// Whether two argument objects say the same: names and values, `5` and `5.0` being equal.
pub fn same_arguments(a: &Arguments, b: &Arguments) -> bool {
    a.len() == b.len()
        && a.iter().all(|(name, value)| b.get(name).is_some_and(|other| same_value(value, other)))
}

/// How many (name, value) pairs `found` shares with `expected`.
pub fn shared_arguments(found: &Arguments, expected: &Arguments) -> usize {
    let shared = |(name, value): &(&String, &Value)| {
        expected.get(*name).is_some_and(|other| same_value(value, other))
    };
    found.iter().filter(shared).count()
}

fn same_value(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_value(a, b))
        }
        (Value::Object(a), Value::Object(b)) => same_arguments(a, b),
        _ => a == b,
    }
}

/// The value below which the share `quantile` of `values` lies (nearest rank); 0 for none.
pub fn percentile(values: &[f64], quantile: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (quantile * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0.0)
}
