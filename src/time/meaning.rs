//! What the expressions of a question mean.

use std::ops::Range;

use super::calendar::Date;
use super::clock::{end_soon, near};
use super::day::Day;
use super::durations::MINUTE;
use super::moment::Moment;
use super::resolve::Context;
use super::said::{What, said};
use super::words::Words;

/// A part of a question that speaks of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Mention {
    /// Its bytes in the question.
    pub range: Range<usize>,
    /// What it means.
    pub meaning: Meaning,
}

/// What an expression of time means; readings are in order, the likeliest first.
#[derive(Clone, Debug, PartialEq)]
pub enum Meaning {
    /// One of these days, or from the first to the second.
    Dates(Vec<Date>),
    /// One of these hours and minutes.
    Times(Vec<(u8, u8)>),
    /// A moment that the clock alone decides.
    DateTimes(Vec<Moment>),
    /// A length of time; months count 30 days, years 365.
    Duration {
        /// In seconds.
        seconds: u64,
    },
}

/// What `question` says of time, in order; "in two hours" is a moment and a duration. Without `now` there is only what
/// stands by itself: dates with years, times of day, durations.
///
/// ```
/// use toolgen::time::{Meaning, mentions};
/// let now = "2026-05-14T09:30".parse().ok();
/// let found = mentions("Move it to tomorrow at five", now);
/// assert_eq!(found.len(), 2);
/// assert_eq!(found[0].range, 11..19);
/// assert_eq!(found[1].meaning, Meaning::Times(vec![(17, 0), (5, 0)]));
/// assert_eq!(mentions("for an hour and a half", None)[0].meaning, Meaning::Duration { seconds: 5400 });
/// ```
pub fn mentions(question: &str, now: Option<Moment>) -> Vec<Mention> {
    let words = Words::of(question);
    let said = said(&words);
    let days: Vec<&Day> = said
        .iter()
        .filter_map(|said| match &said.what {
            What::Days(days) => Some(days),
            _ => None,
        })
        .flatten()
        .collect();
    let mut context = Context::new(&words, &days, now);
    let mut found = Vec::new();
    let mut begin = None;
    for said in &said {
        let said_words = words.0.get(said.words.clone()).unwrap_or_default();
        let (Some(first), Some(last)) = (said_words.first(), said_words.last()) else { continue };
        let range = first.range.start..last.range.end;
        let mut add = |meaning| found.push(Mention { range: range.clone(), meaning });
        match &said.what {
            What::Days(days) => {
                for dates in days
                    .iter()
                    .map(|day| context.dates(day, &words, said.words.start))
                    .filter(|dates| !dates.is_empty())
                {
                    // "Monday to Thursday" ends after it begins.
                    let mut dates = dates;
                    if let Some(begin) = begin.filter(|_| is_span(&words, said.words.start)) {
                        dates.sort_by_key(|date| *date < begin);
                    }
                    begin = dates.first().copied();
                    add(Meaning::Dates(dates));
                }
            }
            What::Clocks(clocks) => {
                let near = near(&words, said.words.start, said.words.end);
                let mut readings: Vec<_> =
                    clocks.iter().map(|clock| clock.readings(near)).collect();
                if let [first, second] = &mut readings[..] {
                    end_soon(first[0], second);
                }
                readings.into_iter().for_each(|times| add(Meaning::Times(times)));
            }
            What::Away(length) => {
                let moment = now.and_then(|now| now.plus_minutes(length.total() / MINUTE));
                moment.into_iter().for_each(|moment| add(Meaning::DateTimes(vec![moment])));
            }
            What::Length(length) => {
                if let Ok(seconds) = u64::try_from(length.total()) {
                    add(Meaning::Duration { seconds });
                }
            }
        }
    }
    found
}

/// Whether what begins here is the end of a span.
fn is_span(words: &Words, at: usize) -> bool {
    words.is(at.wrapping_sub(1), &["to", "-", "–", "—", "until", "till", "til", "through"])
}
