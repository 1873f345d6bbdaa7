//! Dates that are written with the name of a month: "the 3rd of May", "3 to 9 March 2021".

use super::day::{Day, Edge};
use super::names::month;
use super::numeric::{in_digits, slashed, year};
use super::words::Words;

/// Most days in one list.
const MAX_LIST: usize = 8;

const JOINTS: &[&str] =
    &["to", "-", "–", "—", "and", "or", ",", "till", "until", "through", "til", "&", "+", "/"];

/// Dates in digits, or with the name of a month.
pub(super) fn written(words: &Words, at: usize) -> Option<(Vec<Day>, usize)> {
    in_digits(words, at)
        .map(|(dates, end)| (vec![Day::Fixed(dates)], end))
        .or_else(|| {
            slashed(words, at).map(|(first, second, end)| (vec![Day::Slashed(first, second)], end))
        })
        .or_else(|| day_first(words, at))
        .or_else(|| month_first(words, at))
}

/// A day of the month, and whether it is said as one: "3rd".
fn day(words: &Words, at: usize) -> Option<(u8, usize, bool)> {
    let start = words.past(at, &["the"]);
    let (value, end, is_ordinal) = match words.ordinal(start) {
        Some((value, end, _)) => (value, end, true),
        None => words.digits(start).map(|(value, _)| (value, start + 1, false))?,
    };
    let day = u8::try_from(value).ok().filter(|day| (1..=31).contains(day))?;
    Some((day, end, is_ordinal))
}

/// "3 May", "the 3rd of May 2026", "3 to 9 March", "1st and 31st of May".
fn day_first(words: &Words, at: usize) -> Option<(Vec<Day>, usize)> {
    let start = words.past(at, &["the"]);
    if words.digits(start).is_some() && !words.begins(start) {
        return None;
    }
    let (first, mut end, _) = day(words, at)?;
    let mut days = vec![first];
    loop {
        let name = words.past(words.past(words.past(end, &["of"]), &["-", "."]), &["of"]);
        if let Some(month) = month(words.text(name)).filter(|_| !words.is_glued(name) || name > end)
        {
            // "3 may want"
            if words.is(name, &["may", "mar", "march", "jan"]) && !is_month_after(words, name) {
                return None;
            }
            let end = words.past(name + 1, &["."]);
            let end = if end > name + 1 && year(words, end).is_none() { name + 1 } else { end };
            let dashed = words.past(end, &["-"]);
            let (year, end) =
                year(words, dashed).map_or((None, name + 1), |(year, end)| (Some(year), end));
            let civil = |day| Day::Civil { weekday: None, day, month: Some(month), year };
            return Some((days.into_iter().map(civil).collect(), end));
        }
        // "The first and the fifteenth of this month".
        let month_at = words.past(end + 1, &["this", "next", "last", "the"]);
        if words.is(end, &["of"]) && words.is(month_at, &["month"]) && days.len() > 1 {
            let months = match words.text(end + 1) {
                "next" => 1,
                "last" => -1,
                _ => 0,
            };
            return Some((
                days.into_iter().map(|day| Day::OfMonth { day, months }).collect(),
                month_at + 1,
            ));
        }
        let joint = words.past(end, &[","]);
        let next = if JOINTS.contains(&words.text(joint)) {
            joint + 1
        } else if joint > end {
            joint
        } else {
            return None;
        };
        let next = words.past(words.past(next, &["from", "on"]), &["until"]);
        let (day, day_end, _) = day(words, next).filter(|_| days.len() < MAX_LIST)?;
        days.push(day);
        end = day_end;
    }
}

/// Whether "may" after a number is the month: "3 may be" isn't.
fn is_month_after(words: &Words, name: usize) -> bool {
    !words.is(name + 1, &["be", "have", "want", "need", "come", "not", "go", "well"])
}

/// "May 3", "May 3rd, 2026", "April 3 to 9".
fn month_first(words: &Words, at: usize) -> Option<(Vec<Day>, usize)> {
    let name = words.text(at);
    let month = month(name).filter(|_| {
        !words.is_glued(at) || words.is(at.wrapping_sub(1), &["(", "\"", "–", "-", "—"])
    })?;
    let start = words.past(at + 1, &["."]);
    let (first, mut end, is_ordinal) =
        day(words, start).filter(|(_, end, _)| !is_time(words, *end))?;
    let is_year = year(words, end);
    // "It may 3": a number of things.
    if !is_ordinal
        && is_year.is_none()
        && (matches!(name, "may" | "mar" | "march") && !words.ends(end)
            || words.is_glued(end) && words.is(end, &["%", ":", "/"]))
    {
        return None;
    }
    let mut days = vec![first];
    while JOINTS.contains(&words.text(end)) && days.len() < MAX_LIST {
        let Some((day, day_end, _)) = day(words, end + 1) else { break };
        let follows = month_of_next(words, day_end);
        if !(words.ends(day_end) || year(words, day_end).is_some())
            || is_time(words, day_end)
            || follows
        {
            break;
        }
        days.push(day);
        end = day_end;
    }
    let (year, end) = year(words, end).map_or((None, end), |(year, end)| (Some(year), end));
    let civil = |day| Day::Civil { weekday: None, day, month: Some(month), year };
    Some((days.into_iter().map(civil).collect(), end))
}

fn month_of_next(words: &Words, at: usize) -> bool {
    month(words.text(words.past(at, &["of"]))).is_some()
}

/// "May 3 pm", "May 3:30".
fn is_time(words: &Words, end: usize) -> bool {
    words.is(end, &["am", "pm", "o'clock", "h", "p", "a"])
        || words.is(end, &[":", "."]) && words.is_glued(end + 1) && words.digits(end + 1).is_some()
}

/// "The 15th", "on the fifteenth": a day of a month that is said elsewhere, or of this one.
pub(super) fn ordinal(words: &Words, at: usize) -> Option<(Vec<Day>, usize)> {
    let start = words.past(at, &["the"]);
    let (day, end, is_ordinal) = day(words, start)?;
    let in_digits = words.digits(start).is_some();
    if !is_ordinal || in_digits && !words.begins(start) {
        return None;
    }
    let day_at = words.past(end, &["day"]);
    let of = words.past(words.past(day_at, &["of", "in"]), &["the"]);
    if words.is(of, &["this", "next", "last", "month"]) && of > end {
        let months = match words.text(of) {
            "next" => 1,
            "last" => -1,
            _ => 0,
        };
        let name = words.past(of, &["this", "next", "last"]);
        if words.is(name, &["month"]) {
            return Some((vec![Day::OfMonth { day, months }], name + 1));
        }
    }
    let civil = |day| Day::Civil { weekday: None, day, month: None, year: None };
    let is_dated = matches!(
        words.back(at, 1),
        "on" | "until"
            | "till"
            | "til"
            | "by"
            | "from"
            | "since"
            | "to"
            | "for"
            | "before"
            | "after"
            | ","
            | "between"
            | "through"
            | "and"
            | "-"
            | "–"
            | "make"
            | "be"
            | "that"
            | "is"
            | "it"
            | ""
    );
    // "The first": of what?
    let is_day = if in_digits {
        start > at || is_dated
    } else {
        start > at
            && is_dated
            && (day > 3
                || words.is(at.wrapping_sub(1), &["on", "until", "till", "by", "since", "before"]))
    };
    (is_day && words.ends(end) && !words.is(end, &["of"])).then(|| (vec![civil(day)], end))
}

/// "In May", "June 2026", "mid-June", "March to May", and a day alone.
pub(super) fn in_month(words: &Words, at: usize) -> Option<(Vec<Day>, usize)> {
    if let Some(ordinal) = ordinal(words, at) {
        return Some(ordinal);
    }
    let name = words.text(at);
    let month = month(name).filter(|_| {
        name.len() > 3 || name == "may" || words.is(at.wrapping_sub(1), &["in", "since", "until"])
    })?;
    let year = year(words, at + 1);
    let before = words.back(at, 1);
    let is_dated = matches!(
        before,
        "in" | "since"
            | "until"
            | "till"
            | "til"
            | "by"
            | "from"
            | "during"
            | "through"
            | "between"
            | "next"
            | "last"
            | "this"
            | "of"
            | "for"
            | "before"
            | "after"
            | "to"
            | "all"
    );
    let is_name = matches!(name, "may" | "march" | "april" | "june" | "august" | "mars" | "mark");
    let is_full = name.len() > 4 || name == "july";
    if year.is_none() && !is_dated && (is_name || !is_full) || name.len() < 3 {
        return None;
    }
    let (year, end) = year.map_or((None, at + 1), |(year, end)| (Some(year), end));
    Some((vec![Day::Month { month, year, edge: Edge::Whole }], end))
}

#[cfg(test)]
mod tests {
    use super::super::calendar::Date;
    use super::*;

    fn read(text: &str) -> String {
        let words = Words::of(text);
        let found =
            (0..words.len()).find_map(|at| written(&words, at).or_else(|| in_month(&words, at)));
        let mut parts = Vec::new();
        for day in found.map(|(days, _)| days).unwrap_or_default() {
            parts.push(match day {
                Day::Fixed(dates) => {
                    dates.iter().map(Date::to_string).collect::<Vec<_>>().join("|")
                }
                Day::Civil { day, month, year, .. } => {
                    format!("{day}.{}.{}", month.unwrap_or(0), year.unwrap_or(0))
                }
                Day::Month { month, year, .. } => format!("{month}.{}", year.unwrap_or(0)),
                Day::OfMonth { day, months } => format!("{day} of {months}"),
                _ => String::new(),
            });
        }
        parts.join(" ")
    }

    #[test]
    fn dates_are_read_as_they_are_written() {
        for (text, days) in [
            ("2026-05-03", "2026-05-03"),
            ("4/12/2020", "2020-12-04|2020-04-12"),
            ("15.03.26", "2026-03-15"),
            ("May 3", "3.5.0"),
            ("3rd of May", "3.5.0"),
            ("Sept 30th, 2014", "30.9.2014"),
            ("3 to 9 March 2021", "3.3.2021 9.3.2021"),
            ("the 1st and the 31st of May 2026", "1.5.2026 31.5.2026"),
            ("April 3-9", "3.4.0 9.4.0"),
            ("the first of June", "1.6.0"),
            ("on the 15th", "15.0.0"),
            ("the 15th of next month", "15 of 1"),
            ("in May", "5.0"),
            ("June 2026", "6.2026"),
        ] {
            assert_eq!(read(text), days, "{text}");
        }
    }

    #[test]
    fn other_words_are_no_dates() {
        for text in [
            "may I",
            "march on",
            "3 may want",
            "the 3rd floor",
            "the first song",
            "24/7",
            "mark 3",
            "v1.2.3",
            "the second one",
        ] {
            assert_eq!(read(text), "", "{text}");
        }
    }
}
