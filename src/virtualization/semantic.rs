//! Semantic indexing: the words of a tool's name.
//!
//! A name is split into words, these into the vocabulary's tokens, and each distinct one of those
//! becomes a tool token. Names that come out alike are told apart by numbers; a name that begins
//! another one is closed by a token that ends it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Indexing, IndexingKind};
use crate::Result;
use crate::tokenizer::Tokenizer;

/// The text that the token which ends a name starts from.
const END: &str = "end";

/// `getWeather_byCity` is the tokens of `get Weather by City`.
#[derive(Clone, Debug)]
pub struct Semantic {
    sequences: Vec<Vec<u32>>,
    texts: Vec<String>,
}

impl Semantic {
    /// The indexing of tools with these names.
    pub fn new(tokenizer: &Tokenizer, names: &[&str]) -> Result<Self> {
        let mut taken = BTreeSet::new();
        let mut spelled = Vec::with_capacity(names.len()); // in the vocabulary's tokens
        for name in names {
            let text = words(name);
            let mut tokens = tokenizer.encode(&text)?;
            let mut number = 1;
            while !taken.insert(tokens.clone()) {
                number += 1;
                tokens = tokenizer.encode(&format!("{text} {number}"))?;
            }
            spelled.push(tokens);
        }
        let mut texts = Vec::new();
        let mut known = BTreeMap::new();
        let mut sequences = Vec::with_capacity(names.len());
        for tokens in &spelled {
            let mut sequence = Vec::with_capacity(tokens.len() + 1);
            for &token in tokens {
                let tool_token = *known.entry(token).or_insert(texts.len() as u32);
                if tool_token as usize == texts.len() {
                    texts.push(tokenizer.decode(&[token])?);
                }
                sequence.push(tool_token);
            }
            sequences.push(sequence);
        }
        close(&mut sequences, &mut texts);
        Ok(Self { sequences, texts })
    }
}

/// Ends every sequence that begins another with a token of its own.
fn close(sequences: &mut [Vec<u32>], texts: &mut Vec<String>) {
    let end = texts.len() as u32;
    let all: BTreeSet<Vec<u32>> = sequences.iter().cloned().collect();
    for sequence in sequences {
        let next = all.range(sequence.clone()..).nth(1);
        if next.is_some_and(|next| next.starts_with(sequence)) {
            sequence.push(end);
            texts.resize(end as usize + 1, END.into());
        }
    }
}

/// A name's words with a space before each, so that a word is the same token wherever it stands:
/// cut at what is no letter or digit, and before a capital that begins a word.
fn words(name: &str) -> String {
    let characters: Vec<char> = name.chars().collect();
    let mut text = String::new();
    let mut inside = false;
    for (index, &character) in characters.iter().enumerate() {
        if !character.is_alphanumeric() {
            inside = false;
            continue;
        }
        let before = index.checked_sub(1).map(|index| characters[index]);
        let next_is_small = characters.get(index + 1).is_some_and(|next| next.is_lowercase());
        let begins = character.is_uppercase()
            && before.is_some_and(|before| !before.is_uppercase() || next_is_small);
        if !inside || begins {
            text.push(' ');
        }
        text.push(character);
        inside = true;
    }
    if text.is_empty() { format!(" {name}") } else { text }
}

impl Indexing for Semantic {
    fn kind(&self) -> IndexingKind {
        IndexingKind::Semantic
    }

    fn tool_tokens(&self) -> usize {
        self.texts.len()
    }

    fn sequences(&self) -> Vec<Vec<u32>> {
        self.sequences.clone()
    }

    fn texts(&self) -> Vec<String> {
        self.texts.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn names_become_words() {
        for (name, expected) in [
            ("get_weather.byCity", " get weather by City"),
            ("HTTPServerList", " HTTP Server List"),
            ("AI2sql", " AI2sql"),
            ("play-song", " play song"),
            ("???", " ???"),
        ] {
            assert_eq!(words(name), expected);
        }
    }
}
