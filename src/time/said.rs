//! What a question says of time, word for word.

use std::ops::Range;

use super::clock::Clock;
use super::day::Day;
use super::days::{away, days};
use super::durations::{Length, length};
use super::hours::past_hour;
use super::times::{Loose, clocks};
use super::words::Words;

/// Most expressions that are read: what has more is no question.
const MAX_SAID: usize = 64;

/// An expression of time.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum What {
    Days(Vec<Day>),
    Clocks(Vec<Clock>),
    /// So much after now.
    Away(Length),
    Length(Length),
}

pub(super) struct Said {
    /// Its words.
    pub(super) words: Range<usize>,
    pub(super) what: What,
}

/// The expressions of a question, in order. Which bare hours are times depends on whether there is another.
pub(super) fn said(words: &Words) -> Vec<Said> {
    let found = read(words, Loose::No);
    let has_time = found.iter().any(|said| matches!(said.what, What::Clocks(_)));
    read(words, if has_time { Loose::Choice } else { Loose::At })
}

fn read(words: &Words, loose: Loose) -> Vec<Said> {
    let mut found: Vec<Said> = Vec::new();
    let mut at = 0;
    while at < words.len() && found.len() < MAX_SAID {
        let is_after_day = found.last().is_some_and(|last| {
            let (comma, list) = (&[","][..], &[",", "and", "or", "&", "/", "+"][..]);
            match last.what {
                What::Days(_) => words.past(last.words.end, comma) == at,
                // "At 7, 11 and 15".
                What::Clocks(_) => {
                    words.past(words.past(last.words.end, comma), list) == at && at > last.words.end
                }
                _ => false,
            }
        });
        let longer = length(words, at);
        let (what, end) = if let Some((days, end)) = days(words, at) {
            (What::Days(days), end)
        } else if let Some((length, end)) = away(words, at) {
            (What::Away(length), end)
        } else if let Some((clocks, end)) =
            clocks(words, at, is_after_day, loose).filter(|(_, end)| {
                longer.is_none_or(|(_, longer)| {
                    *end > longer || *end == longer && (is_after_day || words.back(at, 1) == "at")
                })
            })
        {
            (What::Clocks(clocks), end)
        } else if let Some((clock, end)) =
            last_clock(&found).and_then(|last| past_hour(words, at, last))
        {
            (What::Clocks(vec![clock]), end)
        } else if let Some((length, end)) = longer {
            (What::Length(length), end)
        } else {
            at += 1;
            continue;
        };
        // "In two hours" is a length too.
        let inner = (at..end).find_map(|start| Some((start, length(words, start)?)));
        if let Some((start, (length, inner_end))) = inner
            && inner_end <= end
            && matches!(what, What::Days(_) | What::Away(_))
        {
            found.push(Said { words: start..inner_end, what: What::Length(length) });
        }
        found.push(Said { words: at..end, what });
        at = end;
    }
    found
}

fn last_clock(found: &[Said]) -> Option<Clock> {
    found.iter().rev().find_map(|said| match &said.what {
        What::Clocks(clocks) => clocks.last().copied(),
        _ => None,
    })
}
