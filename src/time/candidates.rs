//! Values that a question's expressions of time offer to arguments.

use std::ops::Range;

use super::calendar::Date;
use super::durations::DAY;
use super::meaning::{Meaning, Mention};
use super::moment::Moment;
use super::ranked::{Said, lengths, listed, moments, said_dates, said_times};

/// Most days and lengths that are joined.
const MAX_JOINED: usize = 3;

/// Words by which a time said is moved by a length said.
const LATER: &[&str] = &[
    "later", "longer", "delay", "postpone", "push", "extend", "extra", "more", "after", "another",
];

const EARLIER: &[&str] = &["earlier", "sooner", "forward", "ahead", "before", "shorter"];

/// Dates as `YYYY-MM-DD`.
///
/// ```
/// use toolgen::time::{dates, mentions};
/// let read = |question: &str, now: Option<&str>| {
///     let now = now.and_then(|now| now.parse().ok());
///     dates(question, &mentions(question, now), now)
/// };
/// assert_eq!(read("rates on 2021-03-09?", None), ["2021-03-09"]);
/// assert_eq!(read("Sept 30th, 2014", None), ["2014-09-30"]);
/// assert_eq!(read("3 to 9 March 2021", None), ["2021-03-03", "2021-03-09"]);
/// assert_eq!(read("4/12/2020", None), ["2020-12-04", "2020-04-12"]);
/// assert!(read("next Friday, or in March", None).is_empty());
/// assert_eq!(read("next Friday", Some("2026-05-14T09:30")), ["2026-05-22", "2026-05-15"]);
/// ```
pub fn dates(question: &str, mentions: &[Mention], now: Option<Moment>) -> Vec<String> {
    let said = said_dates(question, mentions);
    let mut found: Vec<Date> = said.iter().map(|said| said.value).collect();
    let is_said = !found.is_empty();
    let lengths = lengths(question, mentions, !is_said).into_iter();
    let days = lengths.filter(|seconds| seconds % DAY == 0).map(|seconds| seconds / DAY);
    let days: Vec<i64> = days.take(MAX_JOINED).collect();
    let bases: Vec<Date> = match now {
        _ if is_said => found.iter().copied().take(MAX_JOINED).collect(),
        now => now.map(|now| now.date).into_iter().collect(),
    };
    for base in bases {
        let joined = days.iter().flat_map(|days| [base.plus(*days), base.plus(-days)]);
        found.extend(joined.flatten());
    }
    listed(found)
}

/// Times as `HH:MM`.
///
/// ```
/// use toolgen::time::{mentions, times};
/// let read = |question: &str| times(question, &mentions(question, None), None);
/// assert_eq!(read("wake me at 7:15"), ["07:15", "19:15"]);
/// assert_eq!(read("from 7 to 10 pm"), ["19:00", "22:00"]);
/// assert_eq!(read("Remind me at 15:00\nHalf an hour earlier"), ["14:30", "15:00"]);
/// ```
pub fn times(question: &str, mentions: &[Mention], now: Option<Moment>) -> Vec<String> {
    let said: Vec<(u8, u8)> =
        said_times(question, mentions).iter().map(|said| said.value).collect();
    let of_day = |moment: Moment| (moment.hour, moment.minute);
    let mut found: Vec<(u8, u8)> =
        moments(mentions).map(of_day).chain(said.iter().copied()).collect();
    let said_none = found.is_empty();
    let bases = match now {
        _ if !said_none => said,
        now => now.map(of_day).into_iter().collect(),
    };
    let moves = Moves::new(question, mentions, said_none);
    let moved = bases.into_iter().flat_map(|(hour, minute)| {
        moves.minutes.iter().map(move |minutes| {
            let total = (i64::from(hour) * 60 + i64::from(minute) + minutes).rem_euclid(1440);
            ((total / 60) as u8, (total % 60) as u8)
        })
    });
    let at = if moves.is_last { 0 } else { found.len() };
    let moved: Vec<_> = moved.collect();
    found.splice(at..at, moved);
    listed(found.into_iter().map(|(hour, minute)| format!("{hour:02}:{minute:02}")))
}

/// Dates with times as `YYYY-MM-DDTHH:MM:SS`: each date of the question with each of its times. A time alone is
/// today's, or tomorrow's once it has passed; a date alone begins at midnight.
///
/// ```
/// use toolgen::time::{date_times, mentions};
/// let now = "2026-05-14T09:30".parse().ok();
/// let read = |question: &str| date_times(question, &mentions(question, now), now);
/// assert_eq!(read("in two hours"), ["2026-05-14T11:30:00"]);
/// assert_eq!(read("tomorrow at 7pm"), ["2026-05-15T19:00:00"]);
/// assert_eq!(read("at 8 am"), ["2026-05-15T08:00:00", "2026-05-14T08:00:00"]);
/// assert_eq!(read("tonight at 2 am")[0], "2026-05-15T02:00:00");
/// ```
pub fn date_times(question: &str, mentions: &[Mention], now: Option<Moment>) -> Vec<String> {
    let (dates, times) = (said_dates(question, mentions), said_times(question, mentions));
    let told: Vec<Moment> = moments(mentions).collect();
    let mut found = told.clone();
    if dates.is_empty() {
        found.extend(now.map(|now| of_today(question, &times, now)).unwrap_or_default());
    } else {
        found.extend(paired(question, &dates, &times));
    }
    if times.is_empty() && found.is_empty() {
        found.extend(dates.iter().map(|said| Moment { date: said.value, hour: 0, minute: 0 }));
    }
    let said_none = found.is_empty();
    let bases = match now {
        _ if !said_none => found[..found.len().min(MAX_JOINED)].to_vec(),
        now => now.into_iter().collect(),
    };
    let moves = Moves::new(question, mentions, said_none);
    let bases = bases.iter().filter(|base| !told.contains(base));
    let moved: Vec<Moment> = bases
        .flat_map(|base| moves.minutes.iter().filter_map(|minutes| base.plus_minutes(*minutes)))
        .collect();
    let at = if moves.is_last { 0 } else { found.len() };
    found.splice(at..at, moved);
    listed(found)
}

/// Each date with each time, those that were said beside each other first.
fn paired(question: &str, dates: &[Said<Date>], times: &[Said<(u8, u8)>]) -> Vec<Moment> {
    let mut pairs = Vec::new();
    for date in dates {
        let is_night = is_night(question, &date.range);
        for time in times {
            let (hour, minute) = time.value;
            let rank = date.rank + time.rank;
            let gap = time.range.start.saturating_sub(date.range.end)
                + date.range.start.saturating_sub(time.range.end);
            let moment = Moment { date: date.value, hour, minute };
            // "Tonight at two" is tomorrow; so may be midnight, and the end of "23:30 till 4:45".
            let is_small = is_night && hour < 6;
            let is_over = times.iter().any(|begin| {
                begin.rank == 0 && begin.index < time.index && begin.value > time.value
            });
            pairs.push((rank + usize::from(is_small), gap, moment));
            if is_small || is_over || hour == 0 {
                let next = date.value.plus(1).map(|date| Moment { date, ..moment });
                pairs.extend(next.map(|next| (rank + usize::from(!is_small), gap, next)));
            }
        }
    }
    pairs.sort_by_key(|(rank, gap, _)| (*rank, *gap));
    pairs.into_iter().map(|(.., moment)| moment).collect()
}

/// Times without a date: today's or tomorrow's, whichever comes next; "since two" has been.
fn of_today(question: &str, times: &[Said<(u8, u8)>], now: Moment) -> Vec<Moment> {
    let mut found = Vec::new();
    for time in times {
        let today = Moment { date: now.date, hour: time.value.0, minute: time.value.1 };
        let is_since = question
            .get(..time.range.start)
            .is_some_and(|before| before.trim_end().ends_with("since"));
        let is_over = (today < now) != is_since;
        let other = if is_since { -1 } else { 1 };
        found.push((time.rank + usize::from(is_over), today));
        let other = now.date.plus(other).map(|date| Moment { date, ..today });
        found.extend(other.map(|other| (time.rank + usize::from(!is_over), other)));
    }
    found.sort_by_key(|(rank, moment)| (*rank, *moment < now));
    found.into_iter().map(|(_, moment)| moment).collect()
}

/// How far a time said may be moved, in minutes.
struct Moves {
    minutes: Vec<i64>,
    /// Whether the last line says that alone: "an hour later".
    is_last: bool,
}

impl Moves {
    fn new(question: &str, mentions: &[Mention], are_from_now: bool) -> Self {
        let line = question.rfind('\n').map_or(0, |at| at + 1);
        let of_line = || mentions.iter().filter(|mention| mention.range.start >= line);
        let is_time = |mention: &Mention| !matches!(mention.meaning, Meaning::Duration { .. });
        let small = question[line..].to_lowercase();
        let has = |words: &[&str]| {
            small.split(|c: char| !c.is_alphanumeric()).any(|word| words.contains(&word))
        };
        let (later, earlier, back) = (has(LATER), has(EARLIER), has(&["back"]));
        let all = lengths(question, mentions, are_from_now).into_iter();
        let short = all.filter(|seconds| *seconds < DAY && seconds % 60 == 0);
        let mut minutes = Vec::new();
        for length in short.map(|seconds| seconds / 60).take(MAX_JOINED) {
            if !earlier || later || back {
                minutes.push(length);
            }
            if earlier || back {
                minutes.push(-length);
            }
        }
        let is_last =
            line > 0 && (later || earlier) && of_line().next().is_some() && !of_line().any(is_time);
        Self { minutes, is_last }
    }
}

/// Whether the day said there is one whose night belongs to the next: "tonight", "last night", "Friday night".
fn is_night(question: &str, range: &Range<usize>) -> bool {
    let said = question.get(range.clone()).unwrap_or_default().to_lowercase();
    let rest = question.get(range.end..).unwrap_or_default();
    said.contains("night") || said == "tonite" || rest.starts_with(" night")
}

#[cfg(test)]
mod tests {
    use super::super::meaning::mentions;
    use super::super::ranked::MAX_VALUES;
    use super::*;

    /// A Thursday.
    const NOW: &str = "2026-05-14T09:30";

    fn read_dates(question: &str) -> Vec<String> {
        let now = NOW.parse().ok();
        dates(question, &mentions(question, now), now)
    }

    fn assert_dates(cases: &[(&str, &[&str])]) {
        for (question, expected) in cases {
            let found = read_dates(question);
            let short: Vec<&str> =
                found.iter().map(|date| date.trim_start_matches("2026-")).collect();
            assert_eq!(short, *expected, "{question}");
        }
    }

    #[test]
    fn days_are_counted_from_today() {
        assert_dates(&[
            ("today", &["05-14"]),
            ("tmrw", &["05-15"]),
            ("the day after tomorrow", &["05-16"]),
            ("yesterday's", &["05-13"]),
            ("the night before last", &["05-12"]),
            ("in a fortnight", &["05-28"]),
            ("3 weeks from now", &["06-04"]),
            ("tomorrow and the day after", &["05-15", "05-16"]),
        ]);
    }

    #[test]
    fn weekdays_are_the_next_ones_or_were_the_last() {
        assert_dates(&[
            ("on Saturday", &["05-16", "05-09"]),
            ("I saw it on Saturday", &["05-09", "05-16"]),
            ("since Monday", &["05-11", "05-18"]),
            ("next Friday", &["05-22", "05-15"]),
            ("next Mon", &["05-18", "05-25"]),
            ("this coming tuesday", &["05-19"]),
            ("last Sunday", &["05-10", "05-03"]),
            ("Friday week", &["05-22"]),
            ("a week on Monday", &["05-25"]),
            ("Wednesday next week", &["05-20", "05-18", "05-13", "05-24"]),
            ("Saturday the 2nd", &["05-02", "06-02"]),
        ]);
    }

    #[test]
    fn periods_have_two_ends() {
        assert_dates(&[
            ("this weekend", &["05-16", "05-17"]),
            ("pics from last weekend", &["05-09", "05-10"]),
            ("next week", &["05-18", "05-24"]),
            ("all of last month", &["04-01", "04-30"]),
            ("until the end of the month", &["05-31"]),
            ("the first of next month", &["06-01"]),
            ("end of February", &["2027-02-28", "02-28"]),
            ("mid-June", &["06-15", "2025-06-15"]),
            ("in 2025", &["2025-01-01", "2025-12-31"]),
        ]);
    }

    #[test]
    fn dates_without_a_year_are_the_next_ones() {
        assert_dates(&[
            ("May 3", &["2027-05-03", "05-03"]),
            ("due when, if my last one was May 3", &["05-03", "2027-05-03"]),
            ("on the 15th", &["05-15", "04-15"]),
            ("from 3 to 9 June", &["06-03", "06-09", "2025-06-03", "2025-06-09"]),
            ("from 3 June 2027 to 9 July", &["2027-06-03", "2027-07-09", "07-09", "2025-07-09"]),
            ("not 17 August 2026 but the 19th", &["08-17", "08-19", "05-19", "04-19"]),
            ("the day after Christmas", &["12-25", "12-26", "2025-12-25", "2025-12-26"]),
        ]);
    }

    #[test]
    fn lengths_move_days_and_times() {
        assert_dates(&[("for two weeks", &["05-28", "04-30"])]);
        let now = NOW.parse().ok();
        let times = |question: &str| times(question, &mentions(question, now), now);
        assert_eq!(times("in an hour and a half"), ["11:00"]);
        assert_eq!(times("for the past two hours"), ["07:30"]);
        assert_eq!(times("roll it back to 8 this morning"), ["08:00", "20:00"]);
        assert_eq!(times("at noon for 45 minutes"), ["12:00", "12:45"]);
        let moments = |question: &str| date_times(question, &mentions(question, now), now);
        assert_eq!(
            moments("tonight from 11 pm to 2 am"),
            ["2026-05-14T23:00:00", "2026-05-15T02:00:00", "2026-05-14T02:00:00"]
        );
        assert_eq!(moments("since 2 am"), ["2026-05-14T02:00:00", "2026-05-13T02:00:00"]);
    }

    #[test]
    fn any_text_is_read_in_no_time() {
        let parts = [
            "1",
            "-",
            "/",
            "may",
            " ",
            "31",
            ":",
            "2026",
            "tomorrow",
            "half past",
            "'s",
            "é’",
            "\n",
            "99999999999",
            "in",
            "at",
            "to",
            "week",
            "½",
            "00",
            "year",
            "a",
            "next",
            "the",
            ".",
            "th",
            "0",
            "hours",
            "of",
            "before",
            "Q",
            "days",
        ];
        let mut seed = 1_u32;
        let mut text = String::new();
        for count in 0..60_000 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            text.push_str(parts[(seed >> 16) as usize % parts.len()]);
            text.push_str(if seed >> 31 == 0 { " " } else { "" });
            if count % 40 == 0 && count < 40_000 {
                text.clear();
            }
            if count % 40 == 39 && count < 40_000 || count == 59_999 {
                for now in [
                    None,
                    NOW.parse().ok(),
                    "9999-12-31T23:59".parse().ok(),
                    "1000-01-01T00:00".parse().ok(),
                ] {
                    let found = mentions(&text, now);
                    assert!(found.iter().all(|mention| text.get(mention.range.clone()).is_some()));
                    dates(&text, &found, now);
                    times(&text, &found, now);
                    assert!(date_times(&text, &found, now).len() <= MAX_VALUES);
                }
            }
        }
    }
}
