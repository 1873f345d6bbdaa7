//! Times of day, one at a time: "half past two", "7pm", "19h", "quarter to eight in the evening".

use super::clock::{Clock, Part};
use super::words::Words;

/// Words that announce a time.
pub(super) const BEFORE: &[&str] = &[
    "at",
    "by",
    "until",
    "till",
    "til",
    "from",
    "after",
    "before",
    "around",
    "about",
    "@",
    "since",
    "between",
    "untill",
    "past",
    "roughly",
    "approximately",
    "circa",
    "ca",
    "near",
];

pub(super) const TO: &[&str] = &["to", "-", "–", "—", "until", "till", "til", "through", "untill"];

/// "Ten past", "make that half past": the hour is that of the time said before.
pub(super) fn past_hour(words: &Words, at: usize, last: Clock) -> Option<(Clock, usize)> {
    let (minutes, next) = match words.text(at) {
        "half" => (30, at + 1),
        "quarter" => (15, at + 1),
        _ => words
            .below_hundred(at)
            .or_else(|| words.digits(at).map(|(value, _)| (value, at + 1)))?,
    };
    let is_past = words.is(next, &["past"]) && words.ends(next + 1) && minutes < 60;
    is_past.then_some((Clock { minute: minutes as u8, ..last }, next + 1))
}

/// A time, and whether it can be nothing else.
pub(super) fn clock(
    words: &Words,
    at: usize,
    in_span: bool,
    is_announced: bool,
) -> Option<(Clock, bool, usize)> {
    let (clock, sure, end) = bare(words, at, in_span, is_announced)?;
    let (said, end) = match words.text(end) {
        "o'clock" | "oclock" | "clock" => (true, end + 1),
        "o" if words.is(end + 1, &["clock"]) || words.is(end + 2, &["clock"]) => {
            (true, end + 2 + usize::from(!words.is(end + 1, &["clock"])))
        }
        _ => (sure, end),
    };
    Some(
        suffix(words, end)
            .map_or((clock, said, end), |(part, end)| (clock.in_part(part), true, end)),
    )
}

/// "pm", "in the afternoon", "at night".
pub(super) fn suffix(words: &Words, at: usize) -> Option<(Part, usize)> {
    let at = words.past(at, &[","]);
    let dotted = |letter: &str| {
        let rest =
            words.after(at, &[letter, ".", "m"]).or_else(|| words.after(at, &[letter, "m"]))?;
        Some(if words.is_glued(rest) { words.past(rest, &["."]) } else { rest })
    };
    match words.text(at) {
        "am" => return Some((Part::Am, at + 1)),
        // Noon is "12 pm".
        "pm" => return Some((Part::Afternoon, at + 1)),
        "p" if words.is_glued(at) && words.ends(at + 1) && words.text(at + 1) != "." => {
            return Some((Part::Afternoon, at + 1));
        }
        _ => {}
    }
    if let Some(end) = dotted("a") {
        return Some((Part::Am, end));
    }
    if let Some(end) = dotted("p") {
        return Some((Part::Afternoon, end));
    }
    if let Some(end) = words.after(at, &["at", "night"]) {
        return Some((Part::Night, end));
    }
    let mut end = words.past(
        words.after(at, &["in", "the"]).or_else(|| words.after(at, &["in"]))?,
        &["early", "late"],
    );
    let part = Part::of(words.text(end))?;
    end += 1;
    Some((part, end))
}

/// A time without what says which half of the day it is in.
fn bare(
    words: &Words,
    at: usize,
    in_span: bool,
    is_announced: bool,
) -> Option<(Clock, bool, usize)> {
    match words.text(at) {
        "noon" | "midday" | "noontime" => return Some((Clock::fixed(12, 0), true, at + 1)),
        "midnight" => return Some((Clock::fixed(0, 0), true, at + 1)),
        "half" | "quarter" | "a" => {
            let fraction = words.past(at, &["a"]);
            let minutes = match words.text(fraction) {
                "half" => 30,
                "quarter" => 15,
                _ => return None,
            };
            let next = words.after(fraction + 1, &["an", "hour"]).unwrap_or(fraction + 1);
            let (sign, from) = match words.text(next) {
                "past" | "after" => (1, next + 1),
                "to" | "before" | "till" | "of" => (-1, next + 1),
                _ if minutes == 30 && fraction == at => (1, next),
                _ => return None,
            };
            let (hour, end) = hour(words, from)?;
            return Some((hour.later(sign * minutes), true, end));
        }
        _ => {}
    }
    if let Some(read) = before_hour(words, at, in_span) {
        return Some(read);
    }
    if let Some((value, count)) = words.digits(at) {
        return (in_span || words.begins(at))
            .then(|| in_digits(words, at, (value, count), is_announced))?;
    }
    let (clock, end) = hour(words, at)?;
    if words.is(end, &["noon", "midnight"]) && clock.hour == 12 {
        return bare(words, end, in_span, is_announced);
    }
    if words.is(end, &["hundred", "and"])
        && !words.is(end + 1, &["the"])
        && words.after(end, &["and", "a"]).is_some()
        || words.is(words.past(at, &["and"]).wrapping_sub(1), &["hundred"])
        || words.back(at, 1) == "and" && words.back(at, 2) == "hundred"
        || words.is(end, &["hundred"])
    {
        return None;
    }
    // "seven thirty", "six oh five".
    let minute = match words.text(end) {
        "oh" => words.below_hundred(end + 1).filter(|(minute, _)| *minute < 10),
        _ => words
            .below_hundred(words.past(end, &["-"]))
            .filter(|(minute, _)| (10..60).contains(minute)),
    };
    let is_alone = |end: usize| {
        words.ends(end) || matches!(words.text(end), "am" | "pm" | "a" | "p" | "o'clock")
    };
    // "One ten-visit card", "twenty twenty-four".
    let is_alone = |end: usize| {
        let is_joined = words.is(end, &["-"]) && words.is_glued(end);
        is_alone(end) && !is_joined && clock.hour < 13
    };
    match minute.filter(|(_, end)| is_alone(*end)) {
        Some((minute, end)) => Some((Clock { minute: minute as u8, ..clock }, true, end)),
        None => Some((clock, false, end)),
    }
}

/// "ten past six", "twenty-five to nine", "5 minutes before noon". "From 5 to 8" is none.
fn before_hour(words: &Words, at: usize, in_span: bool) -> Option<(Clock, bool, usize)> {
    let (minutes, next) = words.cardinal(at).filter(|(minutes, _)| (1..60).contains(minutes))?;
    let unit = words.past(next, &["minutes", "mins", "min", "minute"]);
    let is_likely = unit > next || minutes % 5 == 0 && words.digits(at).is_none() && !in_span;
    let sign = match words.text(unit) {
        "past" => 1,
        "after" if is_likely => 1,
        "to" | "before" if is_likely => -1,
        "to" if minutes % 5 == 0 && words.back(at, 1) == "at" => -1,
        _ => return None,
    };
    let (hour, end) = hour(words, unit + 1)?;
    Some((hour.later(sign * minutes as i32), true, end))
}

/// An hour alone, in digits or words, or noon, or midnight.
fn hour(words: &Words, at: usize) -> Option<(Clock, usize)> {
    let named = |hour| Some((Clock::fixed(hour, 0), at + 1));
    match words.text(at) {
        "noon" | "midday" => return named(12),
        "midnight" => return named(0),
        _ => {}
    }
    let (value, end) = match words.digits(at) {
        Some((value, 1..=2)) => (value, at + 1),
        Some(_) => return None,
        None => words.below_hundred(at)?,
    };
    let hour = u8::try_from(value).ok().filter(|hour| *hour < 24)?;
    let in_digits = words.digits(at).is_some();
    (hour > 0 || in_digits).then_some((
        Clock { hour, minute: 0, is_open: (1..=12).contains(&hour), is_digital: false },
        end,
    ))
}

/// "14:05", "11.45", "19h", "7h30", "1830 hours", "7".
fn in_digits(
    words: &Words,
    at: usize,
    (value, count): (u32, usize),
    is_announced: bool,
) -> Option<(Clock, bool, usize)> {
    if count == 4 {
        let (hour, minute) = (value / 100, value % 100);
        let is_said = words.is(at + 1, &["h", "hrs", "hours", "hr"]);
        let is_year = (1900..2100).contains(&value);
        let is_span = TO.contains(&words.text(at + 1))
            && words.digits(at + 2).is_some_and(|(_, count)| count == 4);
        let is_after = words.back(at, 1) == "at"
            || (is_span || is_announced || BEFORE.contains(&words.back(at, 1)))
                && (words.text(at).starts_with('0') || is_announced);
        let is_time = hour < 24 && minute < 60 && (is_said || is_after && !is_year);
        return is_time.then_some((
            Clock::fixed(hour as u8, minute as u8),
            true,
            at + 1 + usize::from(is_said),
        ));
    }
    let hour = u8::try_from(value).ok().filter(|hour| *hour <= 24 && count < 3)?;
    let mark = words.text(at + 1);
    if words.is_glued(at + 1)
        && matches!(mark, ":" | "." | "h" | "u")
        && let Some((minute, 2)) = words.digits(at + 2)
        && minute < 60
        && words.is_glued(at + 2)
    {
        let end = if words.after(at + 3, &[":"]).is_some()
            && words.digits(at + 4).is_some_and(|(_, count)| count == 2)
        {
            at + 5
        } else {
            at + 3
        };
        let has_suffix = suffix(words, end).is_some() || words.is(end, &["o'clock", "h", "uhr"]);
        let announced = is_announced
            || BEFORE.contains(&words.back(at, 1))
            || words.is(end, &["tomorrow", "tmrw", "tonight", "today"]);
        let is_more = words.is_glued(end)
            && matches!(words.text(end), "." | "-" | "/" | ":" | "%")
            && words.digits(end + 1).is_some()
            && words.text(end) != "-";
        let is_clear = mark == ":" || mark == "h" || has_suffix || announced;
        let is_other = is_more
            || matches!(words.text(end), "%" | "km" | "kg" | "min" | "minutes" | "euros" | "hours");
        if is_other {
            return None;
        }
        let is_open = (1..=12).contains(&hour) && may_be_later(words, at) && mark != "h";
        let clock = Clock { hour: hour % 24, minute: minute as u8, is_open, is_digital: true };
        // "The 9.15", "up 4.45".
        let is_named = minute % 5 == 0
            && words.is(at.wrapping_sub(1), &["the", "my", "up"])
            && words.ends(end);
        return Some((clock, is_clear || is_named, end));
    }
    let is_open = (1..=12).contains(&hour) && may_be_later(words, at);
    let clock = Clock { hour: hour % 24, minute: 0, is_open, is_digital: false };
    if words.is(at + 1, &["noon", "midnight"]) && hour == 12 {
        return bare(words, at + 1, false, false);
    }
    if words.is(at + 1, &["hours"]) && hour > 12 && words.back(at, 1) == "at" {
        return Some((clock, true, at + 2));
    }
    let is_hour = words.is(at + 1, &["h", "uhr"]) && words.is_glued(at + 1) && hour > 12;
    Some((
        clock,
        is_hour,
        at + 1 + usize::from(words.is(at + 1, &["h", "uhr"]) && words.is_glued(at + 1)),
    ))
}

/// Whether the digits there are an hour of twelve: "09" and the end of "2026-05-14T10" are of twenty-four.
fn may_be_later(words: &Words, at: usize) -> bool {
    !(words.text(at).starts_with('0') || words.is_glued(at) && words.back(at, 1) == "t")
}
