//! Which numbers are times of day, and the spans between them: "from 7 to 10 pm", "at 5".

use super::civil;
use super::clock::Clock;
use super::hours::{BEFORE, TO, clock};
use super::names::weekday;
use super::words::Words;

/// Which other numbers are times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Loose {
    No,
    /// After "at", before any word but a unit.
    At,
    /// Those, and "make it 7": another time stands in the question.
    Choice,
}

/// How far away, in words, what tells of hours is looked for.
const NEAR: usize = 32;
/// Most times in one list.
const MAX_LIST: usize = 8;

/// The times that begin here, one or the two ends of a span, and where they end. A bare number is one where a word
/// before announces it, or `is_announced`.
pub(super) fn clocks(
    words: &Words,
    at: usize,
    is_announced: bool,
    loose: Loose,
) -> Option<(Vec<Clock>, usize)> {
    let before = words.back(at, 1);
    let is_set = before == "for" && matches!(words.back(at, 2), "it" | "alarm" | "one");
    let is_named = is_announced || is_set || BEFORE.contains(&before) && !is_amount(words, at);
    let in_span = matches!(before, "from" | "between");
    let (first, sure, mut end) = clock(words, at, in_span, is_announced)?;
    let is_to = TO.contains(&words.text(end)) || words.is(end, &["and"]) && before == "between";
    let is_date = || civil::written(words, end + 1).is_some();
    if let Some((second, second_sure, second_end)) =
        clock(words, end + 1, true, true).filter(|_| is_to && !is_date())
        && (sure || second_sure || is_named || is_timetable(words, at))
        && (second_sure || words.ends(second_end))
    {
        return Some((span(first, second).to_vec(), second_end));
    }
    // "At 8 Orchard Close".
    let is_name =
        words.digits(at).is_some() && words.0.get(end).is_some_and(|word| word.is_capital);
    let is_thing = is_name || is_measure(words.text(end));
    let is_hour = words.ends(end) || loose != Loose::No && before == "at" && !is_thing;
    // "A table for two tonight at 8".
    let is_before_day = words.is(end, &["tomorrow", "tonight", "tmrw", "sharp", "ish"])
        && words.text(end + 1) != "at"
        || words.is(end, &["this"]) && words.is(end + 1, &["morning", "afternoon", "evening"]);
    if words.is(end, &["ish"]) {
        end += 1;
    }
    let is_said = sure
        || is_listed(words, end)
        || (is_named || is_before_day || loose == Loose::Choice && is_choice(words, at, end))
            && is_hour;
    is_said.then_some((vec![first], end))
}

/// Whether more numbers follow, the last of them a time: "7, 11 and 19 o'clock".
fn is_listed(words: &Words, mut at: usize) -> bool {
    for _ in 0..MAX_LIST {
        let joint = words.past(words.past(at, &[","]), &["and", "or", "&"]);
        match clock(words, joint, false, false).filter(|_| joint > at) {
            Some((_, true, _)) => return true,
            Some((_, false, end)) => at = end,
            None => return false,
        }
    }
    false
}

/// Both ends of a span: "7 to 10 pm" are both in the evening, "11 to 2 pm" are not.
fn span(first: Clock, second: Clock) -> [Clock; 2] {
    if !first.is_open || second.is_open {
        return [first, second];
    }
    let is_late = (second.hour >= 12) == (first.hour % 12 <= second.hour % 12);
    [
        Clock { hour: first.hour % 12 + if is_late { 12 } else { 0 }, is_open: false, ..first },
        second,
    ]
}

/// "Down by three", "at one hundred and ten", "page 3".
fn is_amount(words: &Words, at: usize) -> bool {
    let before = words.back(at, 2);
    let is_change = words.back(at, 1) == "by"
        && matches!(
            before,
            "up" | "down"
                | "it"
                | "forward"
                | "back"
                | "longer"
                | "divide"
                | "multiply"
                | "one"
                | "that"
                | "more"
                | "less"
        );
    let is_product = words.back(at, 1) == "by" && before.starts_with(|c: char| c.is_ascii_digit());
    is_change || is_product || matches!(before, "hundred" | "page" | "level" | "chapter" | "row")
}

/// Whether the question is about hours of days, so that "8 to 4" are some.
fn is_timetable(words: &Words, at: usize) -> bool {
    (at.saturating_sub(NEAR)..at + NEAR).any(|at| {
        let word = words.text(at);
        weekday(words, at).is_some()
            || matches!(
                word,
                "hours"
                    | "hour"
                    | "work"
                    | "working"
                    | "shift"
                    | "open"
                    | "daily"
                    | "every"
                    | "weekdays"
                    | "weekends"
                    | "today"
                    | "tomorrow"
                    | "tonight"
                    | "night"
                    | "morning"
                    | "mornings"
                    | "afternoon"
                    | "evening"
                    | "available"
                    | "bookable"
                    | "nap"
                    | "slept"
                    | "asleep"
                    | "weekday"
                    | "days"
            )
    })
}

/// "Make it 7", "ten would be better", "rather 8".
fn is_choice(words: &Words, at: usize, end: usize) -> bool {
    let is_one = words.is(at, &["one"]);
    let is_better = words.is(end, &["would", "instead"])
        || words.after(end, &["is", "better"]).is_some()
        || words.is(at.wrapping_sub(1), &["it", "rather", "or"]) && words.ends(end);
    is_better && !is_one
}

fn is_measure(word: &str) -> bool {
    matches!(
        word,
        "fps"
            | "px"
            | "celsius"
            | "pixels"
            | "hz"
            | "khz"
            | "mps"
            | "pt"
            | "stone"
            | "lb"
            | "litres"
            | "percent"
            | "per"
            | "degrees"
            | "degree"
            | "euros"
            | "euro"
            | "pounds"
            | "dollars"
            | "francs"
            | "km"
            | "kg"
            | "g"
            | "m"
            | "cm"
            | "mm"
            | "times"
            | "people"
            | "c"
            | "f"
            | "k"
            | "mg"
            | "ml"
            | "watts"
            | "bpm"
            | "beats"
            | "a"
            | "x"
            | "minutes"
            | "hours"
            | "days"
            | "weeks"
            | "cents"
            | "bucks"
            | "quid"
            | "grand"
            | "points"
            | "volume"
            | "psi"
            | "bar"
    ) || !word.starts_with(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::super::clock::near;
    use super::*;

    fn read(text: &str) -> Vec<Vec<(u8, u8)>> {
        let words = Words::of(text);
        for at in 0..words.len() {
            if let Some((clocks, end)) = clocks(&words, at, false, Loose::No) {
                return clocks.iter().map(|clock| clock.readings(near(&words, at, end))).collect();
            }
        }
        Vec::new()
    }

    #[test]
    fn a_time_has_one_reading_or_two() {
        for (text, readings) in [
            ("at five", vec![(17, 0), (5, 0)]),
            ("half past two", vec![(14, 30), (2, 30)]),
            ("half six in the morning", vec![(6, 30)]),
            ("7pm", vec![(19, 0)]),
            ("12 am", vec![(0, 0)]),
            ("12.15 p.m.", vec![(12, 15)]),
            ("noon", vec![(12, 0)]),
            ("19h", vec![(19, 0)]),
            ("quarter to 8", vec![(7, 45), (19, 45)]),
            ("at 6.30", vec![(6, 30), (18, 30)]),
            ("tonight at 8", vec![(20, 0), (8, 0)]),
            ("05:40", vec![(5, 40)]),
            ("ten past seven in the evening", vec![(19, 10)]),
            ("a quarter to one at night", vec![(0, 45)]),
            ("seven thirty pm", vec![(19, 30)]),
            ("half past midnight", vec![(0, 30)]),
            ("17 o'clock", vec![(17, 0)]),
        ] {
            assert_eq!(read(text), [readings], "{text}");
        }
    }

    #[test]
    fn spans_have_two_ends() {
        assert_eq!(read("7 to 10 pm"), [[(19, 0)], [(22, 0)]]);
        assert_eq!(read("11–2 pm"), [[(11, 0)], [(14, 0)]]);
        assert_eq!(read("from nine to five"), [[(9, 0), (21, 0)], [(17, 0), (5, 0)]]);
        assert_eq!(read("ten till noon"), [[(10, 0)], [(12, 0)]]);
    }

    #[test]
    fn other_numbers_are_no_times() {
        for text in [
            "set it to 7",
            "at 20 degrees",
            "by 3 km",
            "£6.30",
            "version 2.30",
            "a quarter",
            "16:9",
            "at T-40",
            "at 1.5",
            "half a dozen",
        ] {
            assert!(read(text).is_empty(), "{text}");
        }
    }
}
