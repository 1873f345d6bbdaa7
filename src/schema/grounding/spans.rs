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
    for (from, to) in words(question, is_separator) {
        spans.extend(parts_without_spaces(&question[from..to]));
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

/// Longest part of a word without spaces, in letters.
const MAX_LETTERS: usize = 12;
/// Letters of a question whose parts are offered; each is the beginning of a dozen.
const MAX_UNSPACED: usize = 60;

/// The parts of a word in a script that writes no spaces between words: any run of its letters may be one.
fn parts_without_spaces(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    let mut parts = Vec::new();
    for run in letters.split(|c| !has_no_spaces(*c)) {
        let run = &run[..run.len().min(MAX_UNSPACED)];
        for from in 0..run.len() {
            // A part begins with a letter, and ends with all the marks of its last one.
            let longest = MAX_LETTERS.min(run.len() - from);
            let parts_from = (1..=longest).filter(|_| run[from].is_alphabetic());
            let is_whole =
                |length: &usize| run.get(from + length).is_none_or(|c| c.is_alphabetic());
            parts.extend(
                parts_from.filter(is_whole).map(|length| run[from..from + length].iter().collect()),
            );
        }
    }
    parts
}

/// Han, Kana, Hangul, Thai, Lao, Khmer and Myanmar.
fn has_no_spaces(c: char) -> bool {
    matches!(c as u32,
        0x0e00..=0x0eff | 0x1000..=0x109f | 0x1780..=0x17ff | 0x3005 | 0x3040..=0x30ff
            | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0x20000..=0x2ffff)
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
