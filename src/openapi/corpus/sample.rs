//! Questions for the operations of a folder: a sample to judge by, and pairs to train on.
//!
//! The two have no operation in common, and some APIs are left out of the pairs altogether, so that a
//! judge can tell tools of known APIs from tools of unknown ones. All choices follow from the names
//! alone.

use std::collections::{HashMap, HashSet};

use super::directory::{Entry, hash};
use super::question::{begins_with_verb, paraphrase};
use crate::tool::text::{first_sentence, shortened};
use crate::tool::{Call, Instance};

/// Questions that one provider may have in the judging sample.
const MAX_PER_PROVIDER: usize = 5;
/// Words of an operation's text for it to be asked for.
const WORDS: std::ops::RangeInclusive<usize> = 3..=18;
/// Characters of a description's first sentence as a query.
const MAX_SENTENCE: usize = 200;
/// One provider in so many has no pairs.
const HELD_OUT: u64 = 10;

/// Whether a provider's operations are kept out of the pairs.
pub fn is_held_out(provider: &str) -> bool {
    hash(&["held out", provider]).is_multiple_of(HELD_OUT)
}

/// Indices of `entries` and a question for each: at most `count`, spread over providers, of operations
/// whose text is theirs alone.
pub fn questions(entries: &[Entry], count: usize) -> Vec<(usize, String)> {
    let mut texts: HashMap<(&str, String), usize> = HashMap::new();
    for entry in entries {
        *texts.entry((&entry.provider, key(entry))).or_default() += 1;
    }
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by_key(|&index| hash(&["question", &entries[index].operation.tool.name]));
    let mut taken: HashMap<&str, usize> = HashMap::new();
    let mut questions = Vec::new();
    for index in order {
        let entry = &entries[index];
        let text = text(entry);
        let is_own = texts[&(entry.provider.as_str(), key(entry))] == 1;
        let is_askable = WORDS.contains(&text.split(' ').count()) && begins_with_verb(text);
        let full = taken.get(entry.provider.as_str()) == Some(&MAX_PER_PROVIDER);
        if questions.len() == count || full || !is_own || !is_askable {
            continue;
        }
        if let Some(question) = paraphrase(text, &entry.api, seed(entry, "question")) {
            *taken.entry(&entry.provider).or_default() += 1;
            questions.push((index, question));
        }
    }
    questions
}

/// Pairs of a query and its operation, at most `limit`: first a paraphrase of each operation, then the
/// first sentences of descriptions. `asked` are the indices of operations that the sample asks for.
pub fn pairs(entries: &[Entry], asked: &HashSet<usize>, limit: usize) -> Vec<Instance> {
    let mut order: Vec<usize> = (0..entries.len())
        .filter(|index| !asked.contains(index) && !is_held_out(&entries[*index].provider))
        .collect();
    order.sort_by_key(|&index| hash(&["pair", &entries[index].operation.tool.name]));
    let paraphrases = order.iter().map(|&index| {
        let entry = &entries[index];
        let question = paraphrase(text(entry), &entry.api, seed(entry, "pair"));
        (index, question.unwrap_or_else(|| sentence(entry)))
    });
    let sentences = order
        .iter()
        .filter(|&&index| {
            let Entry { operation, .. } = &entries[index];
            !operation.summary.is_empty() && operation.description.len() > operation.summary.len()
        })
        .map(|&index| (index, sentence(&entries[index])));
    paraphrases
        .chain(sentences)
        .take(limit)
        .map(|(index, query)| instance(&entries[index], query))
        .collect()
}

/// The instance of a query that an entry answers, without labelled arguments.
pub fn instance(entry: &Entry, query: String) -> Instance {
    let name = entry.operation.tool.name.clone();
    Instance { query, calls: vec![Call { name, arguments: None }], ..Instance::default() }
}

/// What an operation says of itself in a sentence.
fn text(entry: &Entry) -> &str {
    let operation = &entry.operation;
    match operation.summary.as_str() {
        "" => first_sentence(&operation.description),
        summary => summary,
    }
}

fn key(entry: &Entry) -> String {
    format!("{} {}", entry.api, text(entry)).to_lowercase()
}

fn seed(entry: &Entry, purpose: &str) -> u64 {
    hash(&[purpose, "choice", &entry.operation.tool.name])
}

/// The first sentence of the description, or the summary, with the API's title.
fn sentence(entry: &Entry) -> String {
    let operation = &entry.operation;
    let text = match operation.description.as_str() {
        "" => &operation.summary,
        description => description,
    };
    let text = shortened(first_sentence(text), MAX_SENTENCE);
    if entry.api.is_empty() { text } else { format!("{}: {text}", entry.api) }
}
