//! Weeks, months, quarters and years, their beginnings and ends, and stretches of days.

use super::civil;
use super::day::{Day, Edge, Period};
use super::durations::{DAY, length};
use super::names::month;
use super::numeric::year as numeric_year;
use super::words::Words;

/// "The end of next month", "beginning of the week", "late May".
pub(super) fn edge(words: &Words, at: usize) -> Option<(Day, usize)> {
    let start = words.past(at, &["the"]);
    let last_day = words.after(start, &["last", "day"]).map(|end| (Edge::End, end));
    let first_day = words.after(start, &["first", "day"]).map(|end| (Edge::Start, end));
    let short = |unit: Period| {
        Some((Day::Period { unit, count: 0, edge: Edge::End, is_this: true }, start + 1))
    };
    let (edge, next) = match words.text(start) {
        "eom" => return short(Period::Month),
        "eow" => return short(Period::Week),
        "eoy" => return short(Period::Year),
        "end" | "late" => (Edge::End, start + 1),
        "early" => (Edge::Start, start + 1),
        "middle" | "mid" => (Edge::Middle, words.past(start + 1, &["-"])),
        // "Beginning March 1" is a day.
        "rest" if words.is(start + 1, &["of"]) => (Edge::End, start + 1),
        "start" | "beginning" | "begining" | "begin" if words.is(start + 1, &["of"]) => {
            (Edge::Start, start + 1)
        }
        _ => last_day.or(first_day)?,
    };
    let unit = words.past(words.past(next, &["of"]), &["the"]);
    if words.is(unit, &["day", "today"]) && edge == Edge::End && unit > next {
        return Some((Day::Away { months: 0, days: 0 }, unit + 1));
    }
    if let Some(period) = period(words, unit, edge) {
        return Some(period);
    }
    let name = words.past(unit, &["this", "next", "last"]);
    let is_year = |year: &u32| {
        (1900..2200).contains(year) && unit > next && civil::written(words, unit).is_none()
    };
    if let Some((year, 4)) = words.digits(unit).filter(|(year, _)| is_year(year)) {
        return Some((Day::Year { year: year as i32, edge }, unit + 1));
    }
    // "First day July 1" is that day.
    let month = month(words.text(name)).filter(|_| civil::written(words, name).is_none())?;
    let (year, end) =
        numeric_year(words, name + 1).map_or((None, name + 1), |(year, end)| (Some(year), end));
    Some((Day::Month { month, year, edge }, end))
}

/// "In 2025", "the year 2025", "Q1 2026".
pub(super) fn year(words: &Words, at: usize) -> Option<(Day, usize)> {
    let year = |at: usize| {
        let (year, _) =
            words.digits(at).filter(|(year, count)| *count == 4 && (1900..2200).contains(year))?;
        (words.ends(at + 1) && civil::written(words, at).is_none()).then_some(year as i32)
    };
    let any_year = |at: usize| {
        words
            .digits(at)
            .filter(|(year, count)| *count == 4 && (1900..2200).contains(year))
            .map(|(year, _)| year as i32)
    };
    if words.is(at, &["q"]) && words.is_glued(at + 1) {
        let (quarter, _) = words.digits(at + 1).filter(|(quarter, _)| (1..=4).contains(quarter))?;
        let named = any_year(words.past(at + 2, &["of"]));
        let end = if named.is_some() { words.past(at + 2, &["of"]) + 1 } else { at + 2 };
        return Some((Day::Quarter { year: named, quarter: quarter as u8 }, end));
    }
    let is_told = words.is(at, &["year", "in", "during", "since", "of"]);
    let named = year(at + 1).filter(|_| is_told).map(|year| (year, at + 2));
    let alone = || Some((year(at)?, words.after(at + 1, &[",", "the", "whole", "year"])?));
    let (year, end) = named.or_else(alone)?;
    Some((Day::Year { year, edge: Edge::Whole }, end))
}

/// "This week", "the weekend", "last month", "the next ten days".
pub(super) fn period(words: &Words, at: usize, edge: Edge) -> Option<(Day, usize)> {
    let start = words.past(at, &["the", "all", "my", "our"]);
    let (count, name) = match words.text(start) {
        "this" | "current" => (0, words.past(start + 1, &["coming", "current", "past", "whole"])),
        "next" | "coming" | "following" => (1, start + 1),
        "last" | "past" | "previous" => (-1, words.past(start + 1, &["whole", "full"])),
        _ => (0, start),
    };
    let is_told = name > start;
    if let Some((length, end)) =
        length(words, name).filter(|(length, _)| count != 0 && length.is_days())
    {
        let days = count * length.seconds / DAY;
        let is_one = matches!(words.text(name), "week" | "month" | "year");
        if !is_one {
            return Some((Day::Stretch { months: count * length.months, days }, end));
        }
    }
    let name = words.past(name, &["calendar", "school", "working", "business"]);
    let unit = match words.text(name) {
        "week" | "wk" => Period::Week,
        "weekend" | "weeknd" | "wkend" | "wekend" => Period::Weekend,
        "month" => Period::Month,
        "quarter" => Period::Quarter,
        "year" => Period::Year,
        _ => return None,
    };
    let mut end = name + 1;
    if unit == Period::Week && words.is(end, &["-"]) && words.is(end + 1, &["end"]) {
        return Some((
            Day::Period { unit: Period::Weekend, count, edge, is_this: is_told },
            end + 2,
        ));
    }
    let mut count = count;
    let has_edge = edge != Edge::Whole;
    if words.after(end, &["after", "next"]).is_some() {
        (count, end) = (2, end + 2);
    } else if words.after(end, &["before", "last"]).is_some() {
        (count, end) = (-2, end + 2);
    } else if unit == Period::Year && words.after(end, &["to", "date"]).is_some() {
        end += 2;
    } else if unit != Period::Weekend && !is_told && !has_edge {
        return None;
    }
    if unit == Period::Quarter && words.is(end, &["of", "to", "past", "an", "hour"]) {
        return None;
    }
    Some((Day::Period { unit, count, edge, is_this: is_told }, end))
}
