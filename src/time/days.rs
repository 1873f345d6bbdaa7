//! Words for days, weekdays and celebrated days, with what is said around them.

use super::civil;
use super::day::{Day, Edge, Which};
use super::durations::{DAY, Length, length};
use super::names::{feast, weekday};
use super::periods::{edge, period, year};
use super::words::Words;

/// How far back, in words, a verb is looked for.
const NEAR: usize = 32;
const TOMORROW: &[&str] = &[
    "tomorrow",
    "tmrw",
    "tmr",
    "tmrow",
    "2moro",
    "tomorow",
    "tommorow",
    "tommorrow",
    "tomorro",
    "tmw",
    "2morrow",
    "tomorrows",
    "tomorow's",
    "tomoro",
    "morrow",
    "tommorw",
];

const TODAY: &[&str] = &["today", "tonight", "todays", "tonite", "2day"];

const YESTERDAY: &[&str] = &["yesterday", "yesterdays", "yday", "yesteday"];

pub(super) const PARTS: &[&str] =
    &["morning", "afternoon", "evening", "night", "lunchtime", "mornign", "noon", "lunch"];
const FROM_NOW: [&[&str]; 8] = [
    &["from", "now"],
    &["from", "today"],
    &["hence"],
    &["'s", "time"],
    &["time"],
    &["'", "time"],
    &["out"],
    &["today"],
];

/// The days that begin here, and where they end.
pub(super) fn days(words: &Words, at: usize) -> Option<(Vec<Day>, usize)> {
    civil::written(words, at)
        .or_else(|| beside(words, at))
        .or_else(|| edge(words, at).map(one))
        .or_else(|| relative(words, at).map(one))
        .or_else(|| named(words, at).map(one))
        .or_else(|| of_week(words, at).map(one))
        .or_else(|| period(words, at, Edge::Whole).map(one))
        .or_else(|| year(words, at).map(one))
        .or_else(|| civil::in_month(words, at))
}

fn one((day, end): (Day, usize)) -> (Vec<Day>, usize) {
    (vec![day], end)
}

/// "The day after Boxing Day", "two weeks before 3 May".
fn beside(words: &Words, at: usize) -> Option<(Vec<Day>, usize)> {
    let start = words.past(at, &["the"]);
    let is_day = words.is(start, &["day", "night", "morning", "evening"]);
    let one_day = Length { months: 0, seconds: DAY };
    let (length, end) = if is_day {
        (one_day, start + 1)
    } else {
        length(words, at).filter(|(length, _)| length.is_days())?
    };
    let sign = match words.text(end) {
        "after" => 1,
        "before" => -1,
        _ => return None,
    };
    let (day, end) = civil::written(words, end + 1)
        .or_else(|| named(words, end + 1).map(one))
        .or_else(|| of_week(words, end + 1).map(one))?;
    let step = Day::Step { months: sign * length.months, days: sign * length.seconds / DAY };
    Some((day.into_iter().chain([step]).collect(), end))
}

/// The length from now, in minutes where it is shorter than a day: "in two hours", "10 min ago".
pub(super) fn away(words: &Words, at: usize) -> Option<(Length, usize)> {
    let signed = |length: Length, sign: i64| Length {
        months: sign * length.months,
        seconds: sign * length.seconds,
    };
    let now = words
        .after(at, &["as", "of", "right"])
        .or_else(|| words.after(at, &["as", "of"]))
        .unwrap_or(at + 1);
    if words.is(at, &["starting", "ending", "as", "beginning"]) && words.is(now, &["now"]) {
        return Some((Length::default(), now + 1));
    }
    if words.is(at, &["in", "within"]) {
        let start = words.past(
            at + 1,
            &["about", "exactly", "just", "roughly", "the", "another", "like", "around"],
        );
        let ahead = words.past(start, &["next", "coming"]);
        if let Some((length, end)) = length(words, ahead) {
            let is_name = words.is(start, &["last", "past"]);
            let end = words.past(end, &["'s", "'"]);
            let end = words.past(end, &["time"]);
            return (!is_name).then_some((length, end));
        }
    }
    // "For the next three hours", "in the past hour".
    let start = words.past(at, &["the"]);
    if words.is(start, &["last", "past"])
        && let Some((length, end)) = length(words, start + 1).or_else(|| length(words, start))
        && !length.is_days()
    {
        return Some((signed(length, -1), end));
    }
    if words.is(start, &["next"])
        && let Some((length, end)) = length(words, start + 1).or_else(|| length(words, start))
        && !length.is_days()
    {
        return Some((length, end));
    }
    let (length, end) = length(words, at)?;
    if let Some(end) = words
        .after(end, &["ago"])
        .or_else(|| words.after(end, &["back"]).filter(|_| !is_moved(words, at)))
    {
        return Some((signed(length, -1), end));
    }
    FROM_NOW.iter().find_map(|row| words.after(end, row)).map(|end| (length, end))
}

/// "Move it two days back".
fn is_moved(words: &Words, at: usize) -> bool {
    (at.saturating_sub(NEAR)..at).any(|index| {
        words.is(
            index,
            &[
                "push", "move", "set", "bring", "put", "shift", "skip", "go", "jump", "rewind",
                "take", "wind",
            ],
        )
    })
}

/// Words for days that the clock alone decides.
fn relative(words: &Words, at: usize) -> Option<(Day, usize)> {
    let days = |days: i64, end: usize| Some((Day::Away { months: 0, days }, end));
    let after = |row: &[&str]| words.after(at, row);
    let start = words.past(at, &["the"]);
    if words.is(start, &["day", "night", "morning", "evening"])
        && words.is(start + 1, &["after", "before"])
    {
        let sign = if words.is(start + 1, &["after"]) { 1 } else { -1 };
        return match words.text(start + 2) {
            word if TOMORROW.contains(&word) => days(1 + sign, start + 3),
            word if YESTERDAY.contains(&word) => days(sign - 1, start + 3),
            "last" if sign < 0 => days(-2, start + 3),
            "next" => days(2, start + 3),
            _ => Some((Day::Step { months: 0, days: sign }, words.past(start + 2, &["that"]))),
        };
    }
    if words.is(start, &["next", "following", "previous"])
        && words.is(start + 1, &["day", "morning", "night", "evening"])
    {
        let sign = if words.is(start, &["previous"]) { -1 } else { 1 };
        return Some((Day::Step { months: 0, days: sign }, start + 2));
    }
    let word = words.text(at);
    if word == "2" && words.is_glued(at + 1) && words.begins(at) {
        return match words.text(at + 1) {
            "moro" | "morrow" | "mrw" | "moz" => days(1, at + 2),
            "day" | "nite" | "night" => days(0, at + 2),
            _ => None,
        };
    }
    if TODAY.contains(&word) {
        return match after(&["today", "week"]) {
            Some(end) => days(7, end),
            None => days(0, at + 1),
        };
    }
    if TOMORROW.contains(&word) || word == "overmorrow" {
        let more = i64::from(word == "overmorrow");
        return match words.text(at + 1) {
            "week" => days(8, at + 2),
            _ => days(1 + more, at + 1),
        };
    }
    if YESTERDAY.contains(&word) {
        return days(-1, at + 1);
    }
    if words.is(at, &["this", "last"]) && PARTS.contains(&words.text(at + 1)) {
        let is_last = words.is(at, &["last"]);
        return match words.text(at + 2) {
            "but" | "before" if is_last => days(-2, at + 3),
            _ if is_last && words.is(at + 1, &["night"]) => Some((Day::LastNight, at + 2)),
            _ => days(-i64::from(is_last), at + 2),
        };
    }
    // "A week from tomorrow", "a week on Monday".
    if let Some((length, end)) = length(words, at).filter(|(length, _)| length.is_days()) {
        let days = length.seconds / DAY;
        // "For a week from Monday" begins on that day.
        let is_start = words.back(at, 1) == "for" && words.is(end, &["from"]);
        let from = if is_start {
            words.len()
        } else {
            words.past(end, &["on", "from", "after", "this", "next"])
        };
        if TOMORROW.contains(&words.text(from)) {
            return Some((Day::Away { months: length.months, days: days + 1 }, from + 1));
        }
        if let Some(weekday) = weekday(words, from).filter(|_| days > 0 && days % 7 == 0) {
            let which = if from > end { Which::This } else { Which::Bare };
            return Some((Day::Weekday { weekday, which, weeks: days / 7 }, from + 1));
        }
        let is_moved = words.is(end, &["later", "earlier"])
            || words.is(end, &["after", "before"])
                && (words.text(end + 1) == "that"
                    || words.len() == end + 1
                    || words.is(end + 1, &[".", "?", ","]));
        if is_moved {
            let sign = if words.is(end, &["later", "after"]) { 1 } else { -1 };
            return Some((Day::Step { months: sign * length.months, days: sign * days }, end + 1));
        }
    }
    let (length, end) = away(words, at).filter(|(length, _)| length.is_days())?;
    Some((Day::Away { months: length.months, days: length.seconds / DAY }, end))
}

fn named(words: &Words, at: usize) -> Option<(Day, usize)> {
    let (feast, end) = feast(words, at)?;
    let comma = words.past(end, &[","]);
    let year =
        words.digits(comma).filter(|(year, count)| *count == 4 && (1900..2200).contains(year));
    let end = if year.is_some() { comma + 1 } else { end };
    Some((Day::Feast { feast, year: year.map(|(year, _)| year as i32) }, end))
}

/// Weekdays with what is said around them.
fn of_week(words: &Words, at: usize) -> Option<(Day, usize)> {
    let start = words.past(at, &["the"]);
    let (mut which, name) = match words.text(start) {
        "next" => (Which::Next, words.past(start + 1, &["week"])),
        "this" => (Which::This, words.past(start + 1, &["coming", "next", "week"])),
        "coming" | "upcoming" => (Which::This, start + 1),
        "last" | "past" | "previous" => (Which::Last, start + 1),
        _ if start > at => return None,
        _ => (Which::Bare, at),
    };
    if name > start && words.is(name - 1, &["week"]) {
        return None;
    }
    let weekday = weekday(words, name)?;
    if which == Which::Bare && words.is(words.past(at, &["'"]).wrapping_sub(1), &["good"]) {
        return None;
    }
    let mut end = name + 1;
    let civil = words.past(end, &[","]);
    if let Some((mut days, date_end)) =
        civil::written(words, civil).or_else(|| civil::ordinal(words, civil))
    {
        if let Some(Day::Civil { weekday: own, .. }) = days.first_mut() {
            *own = Some(weekday);
        }
        if let [_] = days[..] {
            return Some((days.swap_remove(0), date_end));
        }
    }
    let mut weeks = 0;
    if which == Which::Bare && words.is(end, &["week"]) {
        (weeks, end, which) = (1, end + 1, Which::This);
    } else if which == Which::Bare
        && words.is(end, &["next"])
        && !words.is(end + 1, &["week", "month", "year"])
    {
        (which, end) = (Which::Next, end + 1);
    } else if which != Which::Last && words.after(end, &["after", "next"]).is_some() {
        (which, weeks, end) = (Which::This, 1, end + 2);
    }
    Some((Day::Weekday { weekday, which, weeks }, end))
}
