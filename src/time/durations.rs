//! Lengths of time: "an hour and a half", "2h30", "a fortnight".

use super::words::Words;

/// A length of time. Months have no fixed number of days, so they are kept apart.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Length {
    pub(super) months: i64,
    pub(super) seconds: i64,
}

pub(super) const MINUTE: i64 = 60;
pub(super) const HOUR: i64 = 60 * MINUTE;
pub(super) const DAY: i64 = 24 * HOUR;
/// Days that a month has where it must have some.
const MONTH: i64 = 30 * DAY;
/// Largest number of units.
const MAX_AMOUNT: f64 = 1e5;

impl Length {
    pub(super) fn total(self) -> i64 {
        // A year is twelve months and a few days.
        self.months / 12 * 365 * DAY + self.months % 12 * MONTH + self.seconds
    }

    pub(super) fn is_days(self) -> bool {
        self.months != 0 || self.seconds != 0 && self.seconds % DAY == 0
    }

    fn plus(self, other: Self) -> Self {
        Self { months: self.months + other.months, seconds: self.seconds + other.seconds }
    }

    /// `None` where it comes to nothing.
    fn of(amount: f64, unit: Unit) -> Option<Self> {
        let length = match unit {
            Unit::Seconds(seconds) => {
                Self { months: 0, seconds: (amount * seconds as f64).round() as i64 }
            }
            Unit::Months(months) => {
                let months = amount * months as f64;
                let rest = (months.fract() * MONTH as f64).round() as i64;
                Self { months: months.trunc() as i64, seconds: rest }
            }
        };
        // Half a second is none of these.
        let is_whole = unit != Unit::Seconds(1) || amount.fract() == 0.0;
        (amount <= MAX_AMOUNT && length != Self::default() && is_whole).then_some(length)
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Unit {
    Seconds(i64),
    Months(i64),
}

/// Units in full or as they are shortened; a single letter only where `is_glued` to its number.
fn unit(word: &str, is_glued: bool) -> Option<Unit> {
    Some(match word {
        "second" | "seconds" | "sec" | "secs" => Unit::Seconds(1),
        "minute" | "minutes" | "min" | "mins" | "minuets" | "mintues" | "minits" => {
            Unit::Seconds(MINUTE)
        }
        "hour" | "hours" | "hr" | "hrs" | "h" | "houres" | "hous" => Unit::Seconds(HOUR),
        "day" | "days" | "night" | "nights" => Unit::Seconds(DAY),
        "week" | "weeks" | "wk" | "wks" => Unit::Seconds(7 * DAY),
        "fortnight" | "fortnights" => Unit::Seconds(14 * DAY),
        "month" | "months" => Unit::Months(1),
        "year" | "years" | "yr" | "yrs" => Unit::Months(12),
        "decade" | "decades" => Unit::Months(120),
        "s" if is_glued => Unit::Seconds(1),
        "d" if is_glued => Unit::Seconds(DAY),
        _ => return None,
    })
}

/// A length that begins here, and where it ends.
pub(super) fn length(words: &Words, at: usize) -> Option<(Length, usize)> {
    if let Some((hours, 1..=2)) = words.digits(at).filter(|_| words.begins(at)) {
        // "1:30 h", "2h30".
        let minutes = words.digits(at + 2).filter(|(value, digits)| *digits == 2 && *value < 60);
        let is_clock = words.is(at + 1, &[":"]) && words.is(at + 3, &["h", "hours", "hrs", "hour"]);
        let is_split = words.is(at + 1, &["h"]) && words.is_glued(at + 1) && words.is_glued(at + 2);
        if let Some((minutes, _)) = minutes.filter(|_| is_clock || is_split) {
            let seconds = i64::from(hours) * HOUR + i64::from(minutes) * MINUTE;
            let end = words.past(at + 3, &["h", "hours", "hrs", "hour", "m", "min"]);
            return (seconds > 0).then_some((Length { months: 0, seconds }, end));
        }
    }
    let (mut whole, mut next) = one(words, at)?;
    // "20 a month", "twice a week" are rates.
    let before = words.back(at, 1);
    let is_rate = words.digits(at.wrapping_sub(1)).is_some()
        || matches!(
            before,
            "once"
                | "twice"
                | "times"
                | "pounds"
                | "euros"
                | "dollars"
                | "quid"
                | "€"
                | "$"
                | "£"
                | "francs"
                | "each"
                | "cents"
                | "litres"
        );
    if is_rate && words.is(at, &["a", "an"]) {
        return None;
    }
    loop {
        let more = words.past(words.past(next, &[","]), &["and"]);
        let is_half = words.after(more, &["a", "half"]).filter(|_| more > next);
        let last = unit(words.back(next, 1), true);
        if let (Some(end), Some(unit)) = (is_half, last) {
            return Some((whole.plus(Length::of(0.5, unit)?), end));
        }
        if let (Some(end), Some(unit)) = (words.after(more, &["a", "quarter"]), last)
            && more > next
        {
            return Some((whole.plus(Length::of(0.25, unit)?), end));
        }
        let smaller = one(words, more).or_else(|| {
            // "2h 15m", "1h30m".
            let (minutes, _) =
                words.digits(next).filter(|_| words.is(next - 1, &["h", "hr", "hrs"]))?;
            let is_minute = words.is(next + 1, &["m", "min", "mins"]);
            is_minute
                .then(|| Some((Length::of(minutes.into(), Unit::Seconds(MINUTE))?, next + 2)))?
        });
        let smaller = smaller.filter(|(length, _)| {
            length.total() < whole.total() && length.total() < DAY.max(whole.total() / 10)
        });
        match smaller {
            Some((length, end)) => (whole, next) = (whole.plus(length), end),
            None => return Some((whole, next)),
        }
    }
}

/// An amount with its unit.
fn one(words: &Words, at: usize) -> Option<(Length, usize)> {
    let (mut amount, mut next) = amount(words, at)?;
    if words.text(next) == "-" && words.is_glued(next) {
        next += 1;
    }
    next = words.past(next, &["of"]);
    next = words.past(
        next,
        &[
            "more",
            "extra",
            "full",
            "whole",
            "good",
            "additional",
            "long",
            "further",
            "solid",
            "straight",
            "other",
        ],
    );
    if let Some(end) = words.after(next, &["and", "a", "half"]) {
        (amount, next) = (amount + 0.5, end);
    }
    let in_digits = words.digits(next.saturating_sub(1)).is_some();
    let glued = words.is_glued(next) && in_digits;
    let minutes = matches!(words.text(next), "m") && glued && words.back(next, 3) == "h";
    let unit = if minutes { Unit::Seconds(MINUTE) } else { unit(words.text(next), glued)? };
    // "2nd" and "seconds" apart: "a second" is mostly another one.
    let is_age = words.is(words.past(next + 1, &["-"]), &["old", "olds"]);
    let is_dimension =
        words.text(next) == "d" && words.0.get(next).is_some_and(|word| word.is_capital);
    let is_other = words.text(next) == "second" && !in_digits || is_age || is_dimension;
    Some((Length::of(amount, unit).filter(|_| !is_other)?, next + 1))
}

/// "45", "1.5", "half an", "a", "a couple of", "three quarters of an", "two and a half".
fn amount(words: &Words, at: usize) -> Option<(f64, usize)> {
    let article = |at: usize| words.past(at, &["a", "an"]);
    match words.text(at) {
        "half" if words.is(at + 1, &["dozen"]) => return Some((6.0, at + 2)),
        "half" => return Some((0.5, article(at + 1))),
        "½" => return Some((0.5, at + 1)),
        "quarter" if words.is(at + 1, &["of"]) => return Some((0.25, article(at + 2))),
        "quarter" => return Some((0.25, at + 1)),
        "fortnight" => return Some((1.0, at)),
        "next" | "last" | "past" | "every" | "full" if words.is(at + 1, &["hour", "minute"]) => {
            return Some((1.0, at + 1));
        }
        "another" | "one" | "each"
            if words.text(at + 1) != "hundred" && words.text(at) != "each" =>
        {
            let (more, end) = match words.text(at + 1) {
                "half" => (0.5, article(at + 2)),
                _ => (1.0, at + 1),
            };
            if let Some((value, end)) =
                words.cardinal(at + 1).filter(|_| words.text(at) == "another")
            {
                return Some((value.into(), end));
            }
            return Some((more, end));
        }
        "a" | "an" | "the" => {
            let next = at + 1;
            let read = match words.text(next) {
                "couple" | "pair" => (2.0, next + 1),
                "dozen" => (12.0, next + 1),
                "few" | "lot" => return None,
                "half" | "quarter" => amount(words, next)?,
                "hundred" => words.cardinal(at).map(|(value, end)| (value.into(), end))?,
                _ if words.text(at) == "the" => return None,
                _ => (1.0, next),
            };
            return Some(read);
        }
        "couple" => return Some((2.0, at + 1)),
        "dozen" => return Some((12.0, at + 1)),
        _ => {}
    }
    let (whole, next) = words.cardinal(at)?;
    let whole = f64::from(whole);
    if words.is(next, &["quarters", "quarter"]) && words.is(next + 1, &["of"]) {
        return Some((whole / 4.0, article(next + 2)));
    }
    if words.is(next, &["½"]) {
        return Some((whole + 0.5, next + 1));
    }
    if let (Some((digits, count)), true) =
        (words.digits(next + 1), words.is_glued(next) && words.is_glued(next + 1))
        && words.is(next, &[".", ","])
        && count < 4
    {
        return Some((whole + f64::from(digits) / 10_f64.powi(count as i32), next + 2));
    }
    Some(words.after(next, &["and", "a", "half"]).map_or((whole, next), |end| (whole + 0.5, end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_as_they_are_said() {
        for (text, minutes) in [
            ("45 minutes", 45),
            ("an hour and a half", 90),
            ("half an hour", 30),
            ("90 min", 90),
            ("2h30", 150),
            ("1:30 h", 90),
            ("2h 15m", 135),
            ("a fortnight", 14 * 1440),
            ("fortnight", 14 * 1440),
            ("a couple of days", 2880),
            ("three quarters of an hour", 45),
            ("a quarter of an hour", 15),
            ("two and a half hours", 150),
            ("1.5 hours", 90),
            ("1 hr 20 min", 80),
            ("ninety-minute", 90),
            ("half a day", 720),
            ("three decades", 30 * 365 * 1440),
            ("an hour and ten minutes", 70),
            ("two more weeks", 14 * 1440),
        ] {
            let words = Words::of(text);
            let (length, end) = length(&words, 0).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((length.total() / 60, end), (minutes, words.len()), "{text}");
        }
        for text in ["a few days", "7", "the second", "a second opinion", "200 m", "£5 days"] {
            assert_eq!(length(&Words::of(text), 0), None, "{text}");
        }
    }
}
