//! Whether a question speaks of what has been or of what is to come: "on Friday" is either.

use std::ops::Range;

use super::words::Words;

/// Words of what has been, and of what is to come: which of them a question has more of decides whether "on Friday" was.
/// Chosen by how often they stand beside a bare weekday of either kind in the training questions.
const PAST: &[&str] = &[
    "was",
    "were",
    "had",
    "did",
    "didn't",
    "went",
    "saw",
    "took",
    "came",
    "ate",
    "made",
    "bought",
    "paid",
    "spent",
    "gave",
    "ran",
    "swam",
    "slept",
    "felt",
    "wrote",
    "lost",
    "drove",
    "been",
    "drank",
    "rode",
    "done",
    "hasn't",
    "ago",
    "yesterday",
    "wasn't",
    "weren't",
    "caught",
    "sent",
    "won",
    "broke",
    "met",
    "sang",
    "fell",
    "woke",
    "history",
    "restore",
    "log",
    "logged",
    "forgot",
    "forgotten",
    "recorded",
    "began",
    "missed",
    "finished",
    "hadn't",
];

const FUTURE: &[&str] = &[
    "will",
    "i'll",
    "we'll",
    "he'll",
    "she'll",
    "they'll",
    "tomorrow",
    "remind",
    "book",
    "until",
    "till",
    "til",
    "pm",
    "noon",
    "next",
    "need",
    "instead",
    "let",
    "must",
    "evening",
    "afternoon",
    "free",
    "alarm",
    "due",
    "i'm",
    "don't",
    "can't",
    "reserve",
    "going",
    "let's",
    "starting",
    "deadline",
    "can",
    "could",
    "want",
    "would",
    "should",
    "suits",
    "am",
];

/// The words around `at` up to the next marks and joints.
pub(super) fn clause(words: &Words, at: usize) -> Range<usize> {
    let is_joint = |index: &usize| {
        words.is(
            *index,
            &[".", ",", ";", "?", "!", ":", "and", "but", "so", "if", "because", "—", "–", "then"],
        )
    };
    let start = (0..at).rev().find(is_joint).map_or(0, |index| index + 1);
    start..(at..words.len()).find(is_joint).unwrap_or(words.len())
}

/// Above 0 where the words speak of what has been, below where of what is to come.
pub(super) fn tense(words: &Words, range: Range<usize>) -> i32 {
    let is_verb = |word: &str| {
        word.len() > 4
            && word.ends_with("ed")
            && !word.ends_with("eed")
            && !matches!(word, "closed" | "limited" | "unlimited" | "shared" | "booked")
    };
    let weight = |word: &str| {
        // Since then, it is over.
        2 * i32::from(word == "since") + i32::from(PAST.contains(&word) || is_verb(word))
            - i32::from(FUTURE.contains(&word))
    };
    range.map(|index| weight(words.text(index))).sum()
}
