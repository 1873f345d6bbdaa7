//! Names of months, of weekdays and of days that people celebrate.

use super::calendar::Date;
use super::words::Words;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEKDAYS: [&[&str]; 7] = [
    &["monday", "mon", "mondy", "moday", "munday"],
    &["tuesday", "tue", "tues", "tusday", "tuesay", "teusday", "tuseday"],
    &[
        "wednesday",
        "wed",
        "weds",
        "wensday",
        "wednsday",
        "wendesday",
        "wedensday",
        "wenesday",
        "wedneday",
    ],
    &["thursday", "thu", "thur", "thurs", "thrusday", "thirsday", "thusday", "thursady"],
    &["friday", "fri", "firday", "frday", "fryday", "fridy", "freitag"],
    &["saturday", "sat", "satuday", "saterday", "sturday", "saturdy", "satday", "satrday"],
    &["sunday", "sun", "sunady", "sundy", "suday", "sonday"],
];

/// The month that a word names, in full or by at least its first three letters.
pub(super) fn month(word: &str) -> Option<u8> {
    let typo = match word {
        "febuary" | "feburary" => "february",
        "agust" | "augest" => "august",
        "setember" | "septmber" | "septembre" => "september",
        "ocotber" | "octobre" => "october",
        "novemeber" | "novembre" => "november",
        "decmber" | "dezember" | "decembre" => "december",
        "janury" | "januray" => "january",
        "apirl" | "aprl" => "april",
        word => word,
    };
    let names = |name: &&str| typo.len() >= 3 && name.starts_with(typo);
    (1..).zip(MONTHS).find(|(_, name)| names(name)).map(|(month, _)| month)
}

/// The weekday that the word there names, 0 for Monday. "Sat", "sun" and "wed" are other words too: they need
/// a neighbour.
pub(super) fn weekday(words: &Words, at: usize) -> Option<u8> {
    let word = words.text(at);
    // "Wednesdays" come again and again, the next one first.
    let single = word.strip_suffix('s').filter(|single| single.ends_with("day")).unwrap_or(word);
    let weekday = (0..).zip(WEEKDAYS).find(|(_, names)| names.contains(&single))?.0;
    let is_other = matches!(word, "sat" | "sun" | "wed" | "mon" | "fri" | "thu" | "tue");
    let before = words.back(at, 1);
    let after = words.text(at + 1);
    let is_dated = matches!(
        before,
        "on" | "next"
            | "this"
            | "last"
            | "until"
            | "till"
            | "til"
            | "by"
            | "for"
            | "from"
            | "to"
            | "coming"
            | "-"
            | "–"
            | ","
            | "every"
            | "and"
            | "since"
            | "of"
            | "&"
            | "/"
            | "or"
            | ""
    ) || matches!(
        after,
        "at" | "morning"
            | "afternoon"
            | "evening"
            | "night"
            | "-"
            | "–"
            | ","
            | ""
            | "the"
            | "next"
    ) || after.starts_with(|c: char| c.is_ascii_digit())
        || matches!(word, "thu" | "fri" | "tue");
    // "I sat at", "the sun".
    let is_said =
        matches!(before, "i" | "we" | "he" | "she" | "they" | "the" | "who" | "cat" | "in");
    (!is_other || is_dated && !is_said).then_some(weekday)
}

/// A day that is celebrated; its date differs from country to country for some.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Feast {
    /// A month and a day.
    On(u8, u8),
    /// So many days after Easter Sunday.
    Easter(i64),
    /// The nth such weekday of a month; the last where it is 0.
    Nth(u8, u8, u8),
    /// In the United States the second Sunday of May, in the United Kingdom three weeks before Easter.
    Mothers,
}

/// Rows of names, the more words first; "'s" and "s" are left out.
const FEASTS: [(&[&str], Feast); 37] = [
    (&["new", "year", "eve"], Feast::On(12, 31)),
    (&["new", "year", "day"], Feast::On(1, 1)),
    (&["new", "years", "eve"], Feast::On(12, 31)),
    (&["new", "years", "day"], Feast::On(1, 1)),
    (&["nye"], Feast::On(12, 31)),
    (&["new", "year"], Feast::On(1, 1)),
    (&["christmas", "eve"], Feast::On(12, 24)),
    (&["xmas", "eve"], Feast::On(12, 24)),
    (&["christmas", "day"], Feast::On(12, 25)),
    (&["christmas"], Feast::On(12, 25)),
    (&["xmas"], Feast::On(12, 25)),
    (&["boxing", "day"], Feast::On(12, 26)),
    (&["halloween"], Feast::On(10, 31)),
    (&["valentine", "day"], Feast::On(2, 14)),
    (&["valentines", "day"], Feast::On(2, 14)),
    (&["valentine"], Feast::On(2, 14)),
    (&["valentines"], Feast::On(2, 14)),
    (&["st", "patrick"], Feast::On(3, 17)),
    (&["st", ".", "patrick"], Feast::On(3, 17)),
    (&["april", "fool"], Feast::On(4, 1)),
    (&["april", "fools"], Feast::On(4, 1)),
    (&["independence", "day"], Feast::On(7, 4)),
    (&["bastille", "day"], Feast::On(7, 14)),
    (&["epiphany"], Feast::On(1, 6)),
    (&["all", "saints"], Feast::On(11, 1)),
    (&["midsummer", "eve"], Feast::On(6, 23)),
    (&["juneteenth"], Feast::On(6, 19)),
    (&["may", "day"], Feast::On(5, 1)),
    (&["labor", "day"], Feast::Nth(9, 0, 1)),
    (&["labour", "day"], Feast::On(5, 1)),
    (&["memorial", "day"], Feast::Nth(5, 0, 0)),
    (&["thanksgiving"], Feast::Nth(11, 3, 4)),
    (&["good", "friday"], Feast::Easter(-2)),
    (&["easter", "monday"], Feast::Easter(1)),
    (&["easter"], Feast::Easter(0)),
    (&["whit", "monday"], Feast::Easter(50)),
    (&["father", "day"], Feast::Nth(6, 6, 3)),
];

/// A celebrated day that begins here, and where its name ends.
pub(super) fn feast(words: &Words, at: usize) -> Option<(Feast, usize)> {
    let past_s = |at: usize| words.past(at, &["'s"]);
    let row = |names: &[&str]| {
        names.iter().try_fold(at, |at, name| (words.text(at) == *name).then(|| past_s(at + 1)))
    };
    if words.is(at, &["mother", "mothers", "mothering"]) {
        return words
            .is(past_s(at + 1), &["day", "sunday"])
            .then(|| (Feast::Mothers, past_s(at + 1) + 1));
    }
    FEASTS
        .iter()
        .find_map(|(names, feast)| Some((*feast, words.past(row(names)?, &["day", "sunday"]))))
}

impl Feast {
    /// Its dates in a year.
    pub(super) fn dates(self, year: i32) -> Vec<Date> {
        let dates = match self {
            Self::On(month, day) => [Date::new(year, month, day), None],
            Self::Easter(days) => [easter(year).and_then(|day| day.plus(days)), None],
            Self::Nth(month, weekday, count) => [nth(year, month, weekday, count), None],
            Self::Mothers => [nth(year, 5, 6, 2), easter(year).and_then(|day| day.plus(-21))],
        };
        dates.into_iter().flatten().collect()
    }
}

fn nth(year: i32, month: u8, weekday: u8, count: u8) -> Option<Date> {
    let first = Date::new(year, month, 1)?;
    if count == 0 {
        let last = first.last();
        return last.plus(-i64::from((last.weekday() + 7 - weekday) % 7));
    }
    let days = (weekday + 7 - first.weekday()) % 7;
    first.plus(i64::from(days) + 7 * i64::from(count - 1))
}

/// Easter Sunday: "Anonymous Gregorian algorithm", Nature, 20 April 1876, in Meeus, Astronomical Algorithms, chapter 8.
fn easter(year: i32) -> Option<Date> {
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    let l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    Date::new(year, (n / 31) as u8, (n % 31) as u8 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feasts_have_their_dates() {
        for (text, year, date) in [
            ("Easter", 2026, "2026-04-05"),
            ("Good Friday", 2027, "2027-03-26"),
            ("New Year's Eve", 2026, "2026-12-31"),
            ("St Patrick's Day", 2026, "2026-03-17"),
            ("thanksgiving", 2026, "2026-11-26"),
            ("Labor Day", 2026, "2026-09-07"),
            ("Memorial Day", 2026, "2026-05-25"),
            ("mother's day", 2026, "2026-05-10"),
        ] {
            let words = Words::of(text);
            let (feast, end) = feast(&words, 0).unwrap();
            assert_eq!(
                (feast.dates(year)[0].to_string().as_str(), end),
                (date, words.len()),
                "{text}"
            );
        }
        assert_eq!(Feast::Mothers.dates(2026)[1].to_string(), "2026-03-15");
    }

    #[test]
    fn short_names_need_a_neighbour() {
        let is_day = |text: &str, at: usize| weekday(&Words::of(text), at).is_some();
        assert!(is_day("on sat", 1) && is_day("Sun 10 am", 0) && is_day("friday", 0));
        assert!(!is_day("I sat down", 1) && !is_day("in the sun", 2));
        assert_eq!(month("Sept".to_lowercase().as_str()), Some(9));
        assert_eq!(month("ma"), None);
    }
}
