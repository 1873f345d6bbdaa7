//! Runs of a question's words.

use std::collections::BTreeSet;

/// Longest span, in words, that may begin and end anywhere.
const MAX_WORDS: usize = 8;

/// Runs of words: short ones anywhere, long ones to the question's end or between quotation marks and
/// colons. Each as it stands and without the punctuation around it. Words are what stands between spaces, and
/// once more what stands between slashes, dashes and commas too.
pub(super) fn spans(question: &str) -> BTreeSet<String> {
    let mut spans = BTreeSet::new();
    let separators: [fn(char) -> bool; 2] =
        [char::is_whitespace, |c| c.is_whitespace() || matches!(c, '/' | '–' | '—' | ',')];
    for is_separator in separators {
        let words = words(question, is_separator);
        for (index, &(from, _)) in words.iter().enumerate() {
            let ends = words[index..].iter().take(MAX_WORDS).chain(words.last());
            ends.for_each(|&(_, to)| add_forms(&question[from..to], &mut spans));
        }
    }
    let is_delimiter = |c: char| {
        matches!(
            c,
            '"' | '“' | '”' | '\'' | '‘' | '’' | ':' | '`' | '«' | '»' | '(' | ')' | ',' | ';'
        )
    };
    let edges: Vec<usize> = question
        .match_indices(is_delimiter)
        .map(|(at, _)| at)
        .chain([question.len()])
        .take(40)
        .collect();
    for (index, &from) in edges.iter().enumerate() {
        let inside = from + question[from..].chars().next().map_or(0, char::len_utf8);
        edges[index..].iter().filter(|&&to| to > inside).for_each(|&to| {
            let span = question[inside..to].trim();
            if !span.is_empty() {
                spans.insert(span.to_owned());
            }
        });
    }
    spans
}

pub(super) fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '/' | '–' | '—' | ',')
}

/// Byte ranges of what stands between separators.
pub(super) fn words(text: &str, is_separator: fn(char) -> bool) -> Vec<(usize, usize)> {
    let start = |piece: &str| piece.as_ptr() as usize - text.as_ptr() as usize;
    let pieces = text.split(is_separator).filter(|piece| !piece.is_empty());
    pieces.map(|piece| (start(piece), start(piece) + piece.len())).collect()
}

fn add_forms(span: &str, spans: &mut BTreeSet<String>) {
    let bare = span.trim_matches(|c: char| !c.is_alphanumeric());
    let owner = bare.strip_suffix("'s").or_else(|| bare.strip_suffix("’s")).unwrap_or(bare);
    for form in [span, bare, owner, span.trim_end_matches(['.', ',', '?', '!', ';', ':'])] {
        if !form.is_empty() {
            spans.insert(form.to_owned());
        }
    }
}
