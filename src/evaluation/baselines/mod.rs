//! What the model is compared with, on the same questions and tools.
//!
//! | baseline | what it reads | training |
//! |---|---|---|
//! | [`bm25`] | the tools' documents | none |
//! | [`naive_bayes`] | example questions | counts |
//! | [`embedding`] | the tools' documents, by a sentence encoder ([`bert`]) | none |
//! | [`prompted`] | the tools' documents, in the base model's prompt | none |

pub mod bert;
pub mod bm25;
pub mod embedding;
pub mod naive_bayes;
pub mod prompted;

use crate::Result;

/// Ranks tools for a question.
pub trait Retriever {
    /// The `k` best tools for `query`, best first, as indices into the tools that it was made for.
    fn rank(&mut self, query: &str, k: usize) -> Result<Vec<usize>>;
}

/// The `k` highest of `scores`, highest first; equal scores by rising index.
fn best(scores: &[f64], k: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]).then(a.cmp(&b)));
    order.truncate(k);
    order
}

/// The words of a text, in lower case: its runs of letters and digits, `camelCase` being two.
///
/// No stemming and no stop words.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in text.chars() {
        let hump = before.is_lowercase() && c.is_uppercase();
        if !c.is_alphanumeric() || hump {
            words.push(String::new());
        }
        if c.is_alphanumeric() {
            words.last_mut().expect("there is always one").extend(c.to_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn names_and_sentences_become_words() {
        assert_eq!(words("HassTurnOn set_timer"), ["hass", "turn", "on", "set", "timer"]);
        assert_eq!(words("What's 18% of 64.50?"), ["what", "s", "18", "of", "64", "50"]);
        assert_eq!(words("ABCmouse É"), ["abcmouse", "é"]);
        assert!(words(" ,. ").is_empty());
    }
}
