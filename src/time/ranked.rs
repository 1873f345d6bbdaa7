//! What mentions mean, in the order of what is likeliest.

use std::ops::Range;

use super::calendar::Date;
use super::meaning::{Meaning, Mention};
use super::moment::Moment;

/// Most values that are worth listing: a question that names more is about something else.
pub(super) const MAX_VALUES: usize = 64;

/// More than there are readings of anything.
const MAX_RANK: usize = 16;

/// Lengths in seconds that are no part of another expression, as they are of "in two weeks"; only those that may
/// begin now if `are_from_now`.
pub(super) fn lengths(question: &str, mentions: &[Mention], are_from_now: bool) -> Vec<i64> {
    let mut found = Vec::new();
    for mention in mentions {
        let Meaning::Duration { seconds } = mention.meaning else { continue };
        let range = &mention.range;
        let is_outer = |other: &Mention| {
            let is_around = other.range.start <= range.start && range.end <= other.range.end;
            is_around && !matches!(other.meaning, Meaning::Duration { .. })
        };
        if !mentions.iter().any(is_outer) && (!are_from_now || is_from_now(question, range)) {
            found.extend(i64::try_from(seconds));
        }
    }
    found
}

/// "For a week", "give us two more days": a "day pass" and "two weeks" alone may begin whenever.
fn is_from_now(question: &str, range: &Range<usize>) -> bool {
    let small = |range: Range<usize>| question.get(range).unwrap_or_default().to_lowercase();
    let (before, said) = (small(0..range.start), small(range.clone()));
    let last = before.split_whitespace().next_back().unwrap_or_default();
    let is_announced = [
        "for", "by", "us", "me", "him", "her", "them", "another", "next", "least", "exactly",
        "only", "about",
    ]
    .contains(&last);
    let after = small(range.end..question.len());
    let first = after.split_whitespace().next().unwrap_or_default();
    is_announced
        || said.contains("more")
        || said.starts_with("another")
        || first == "more"
        || first == "longer"
}

pub(super) fn moments(mentions: &[Mention]) -> impl Iterator<Item = Moment> {
    let all = mentions.iter().filter_map(|mention| match &mention.meaning {
        Meaning::DateTimes(moments) => Some(moments.iter().copied()),
        _ => None,
    });
    all.flatten()
}

/// A value, which of its mention's readings it is, and where it was said.
pub(super) struct Said<T> {
    pub(super) value: T,
    pub(super) rank: usize,
    pub(super) index: usize,
    pub(super) range: Range<usize>,
}

/// Values of the last line first, and there those that are likeliest.
fn ranked<T>(
    question: &str,
    mentions: &[Mention],
    values: impl Fn(&Meaning) -> Vec<T>,
) -> Vec<Said<T>> {
    let mut found = Vec::new();
    for (index, mention) in mentions.iter().enumerate() {
        let lines_after =
            question.get(mention.range.start..).unwrap_or_default().matches('\n').count();
        for (rank, value) in values(&mention.meaning).into_iter().enumerate() {
            let rank = rank + MAX_RANK * lines_after.min(MAX_RANK);
            found.push(Said { value, rank, index, range: mention.range.clone() });
        }
    }
    found.sort_by_key(|said| said.rank);
    found
}

pub(super) fn said_dates(question: &str, mentions: &[Mention]) -> Vec<Said<Date>> {
    ranked(question, mentions, |meaning| match meaning {
        Meaning::Dates(dates) => dates.clone(),
        Meaning::DateTimes(moments) => moments.iter().map(|moment| moment.date).collect(),
        _ => Vec::new(),
    })
}

pub(super) fn said_times(question: &str, mentions: &[Mention]) -> Vec<Said<(u8, u8)>> {
    ranked(question, mentions, |meaning| match meaning {
        Meaning::Times(times) => times.clone(),
        _ => Vec::new(),
    })
}

/// As texts, each once.
pub(super) fn listed<T: ToString>(values: impl IntoIterator<Item = T>) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for value in values {
        let text = value.to_string();
        if texts.len() < MAX_VALUES && !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}
