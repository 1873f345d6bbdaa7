//! Operations asked for as a person would: a deterministic paraphrase of what documents say.
//!
//! "Retrieves a list of all invoices" of the Acme API becomes "can you show me the invoices in acme?"
//! and the like: the verb is replaced by a synonym, words that only documents use are dropped, and
//! templates put the rest into a request. A paraphrase never holds its source whole.

mod rng;
mod words;

use super::api::plain_title;
use crate::tool::text::first_sentence;
use rng::Rng;
use words::{ASKED, DROPPED, PHRASES, PLAINER, THINGS, VERBS, Verb, WANTED};

/// Words of an operation that a question is made of.
const MAX_WORDS: usize = 14;

/// A person's question for an operation with this text (a summary, or the first sentence of a
/// description), or `None` when too few words are left for one. The same `seed` gives the same question.
pub fn paraphrase(text: &str, api: &str, seed: u64) -> Option<String> {
    let mut choice = Rng(seed);
    let source = normalized(first_sentence(text));
    let spoken = without_phrases(&normalized(&without_brackets(first_sentence(text))));
    let mut words: Vec<&str> = spoken.split(' ').filter(|word| !word.is_empty()).collect();
    let verb = words.first().and_then(|first| verb(first));
    if verb.is_some() {
        words.remove(0);
    }
    let rest = plainer(&words, &mut choice);
    if rest.is_empty() {
        return None;
    }
    let api = asked_title(api);
    let template = match verb {
        Some(_) if choice.one_in(2) => choice.of(ASKED),
        Some(_) => choice.of(WANTED),
        None => choice.of(THINGS),
    };
    let mut question = template.replace("{rest}", &rest);
    if let Some(verb) = verb {
        question = question.replace("{asked}", choice.other(verb.asked, &source));
        question = question.replace("{wanted}", choice.other(verb.wanted, &source));
    }
    question = match api.as_str() {
        "" => [
            "in {api}, ",
            "{api}: ",
            "{api}, ",
            ", it's for {api}",
            ", {api} that is",
            " in {api}",
            " on {api}",
            " with {api}",
            " from {api}",
            " using {api}",
            "{api}",
        ]
        .iter()
        .fold(question, |question, part| question.replace(part, "")),
        api => question.replace("{api}", api),
    };
    let question = question.split_whitespace().collect::<Vec<_>>().join(" ");
    (!holds(&question, &source)).then_some(question)
}

/// Whether a question holds its source word for word.
pub fn holds(question: &str, source: &str) -> bool {
    let padded = |text: &str| format!(" {} ", normalized(text));
    padded(question).contains(&padded(source))
}

/// Lower-case words without punctuation.
fn normalized(text: &str) -> String {
    let word_character = |c: char| c.is_alphanumeric() || "'-_".contains(c);
    let words = text.split(|c: char| !word_character(c)).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// A text without what it adds in brackets.
fn without_brackets(text: &str) -> String {
    let mut depth = 0usize;
    let outside = text.chars().filter(|&c| {
        depth += usize::from(c == '(');
        let outside = depth == 0;
        depth = depth.saturating_sub(usize::from(c == ')'));
        outside
    });
    outside.collect()
}

fn without_phrases(words: &str) -> String {
    let text = PHRASES.iter().fold(format!(" {words} "), |text, (documented, plain)| {
        text.replace(&format!(" {documented} "), &format!(" {plain} "))
    });
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The verb that a text begins with: "list", "Lists", "listing".
fn verb(first: &str) -> Option<&'static Verb> {
    let forms = |verb: &&str| {
        let stem = verb.trim_end_matches('e');
        first == *verb
            || first == format!("{verb}s")
            || first == format!("{verb}es")
            || first == format!("{stem}ing")
            || verb.strip_suffix('y').is_some_and(|stem| first == format!("{stem}ies"))
    };
    VERBS.iter().find(|verb| verb.documented.iter().any(&forms))
}

/// Whether a text begins with a verb that there are synonyms for.
pub fn begins_with_verb(text: &str) -> bool {
    normalized(text).split(' ').next().is_some_and(|first| verb(first).is_some())
}

/// What an operation is about, in fewer and plainer words.
fn plainer(words: &[&str], choice: &mut Rng) -> String {
    let mut words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    for (index, word) in words.iter_mut().enumerate() {
        let other = PLAINER.iter().find(|(documented, _)| documented == word);
        if let Some((_, plain)) = other.filter(|_| choice.one_in(2) && index > 0) {
            *word = (*plain).to_owned();
        } else if word.contains('_') {
            *word = word.replace('_', " ");
        }
    }
    let kept: Vec<String> =
        words.iter().filter(|word| !DROPPED.contains(&word.as_str())).cloned().collect();
    let mut kept = if kept.iter().any(|word| !is_small(word)) { kept } else { words };
    kept.truncate(MAX_WORDS);
    while kept.last().is_some_and(|word| is_small(word)) {
        kept.pop();
    }
    while kept.first().is_some_and(|word| matches!(word.as_str(), "of" | "for" | "that" | "and")) {
        kept.remove(0);
    }
    with_articles(&mut kept);
    kept.join(" ")
}

/// "a" and "an" as the next word wants them.
fn with_articles(words: &mut Vec<String>) {
    let begins_with_vowel = |word: &str| {
        let sounds_otherwise = ["us", "uni", "eu", "one", "uu"].iter().any(|s| word.starts_with(s));
        word.starts_with(['a', 'e', 'i', 'o', 'u']) && !sounds_otherwise
    };
    let is_article = |word: &str| word == "a" || word == "an";
    words.dedup_by(|next, word| is_article(next) && is_article(word));
    for index in 1..words.len() {
        if is_article(&words[index - 1]) {
            let article = if begins_with_vowel(&words[index]) { "an" } else { "a" };
            words[index - 1] = article.into();
        }
    }
}

/// Words that can't end a question.
fn is_small(word: &str) -> bool {
    const SMALL: &[&str] = &[
        "a", "an", "the", "of", "in", "for", "to", "by", "with", "and", "or", "from", "on", "that",
        "this", "which", "your", "its", "as", "at", "is", "are", "be", "if",
    ];
    SMALL.contains(&word)
}

/// A title as a person writes it in a question.
fn asked_title(title: &str) -> String {
    let title = plain_title(title).replace(['|', ':', '"'], " ");
    title.to_lowercase().replace("amazon ", "aws ")
}
