//! Dates and years in digits.

use super::calendar::Date;
use super::words::Words;

/// "2026-05-03", "20260503", "2026年5月3日", and "3/5/2026", which is read both ways where it can be; "3.5.26" has the
/// day first wherever dots are written.
pub(super) fn in_digits(words: &Words, at: usize) -> Option<(Vec<Date>, usize)> {
    let (first, count) = words.digits(at).filter(|_| words.begins(at))?;
    if let Some((date, end)) = compact(words, at).or_else(|| with_signs(words, at)) {
        return Some((vec![date], end));
    }
    let mark = words.text(at + 1);
    let is_row = (at + 1..at + 5).all(|index| words.is_glued(index))
        && matches!(mark, "-" | "/" | "." | "–");
    let (second, _) = words.digits(at + 2).filter(|_| is_row && words.text(at + 3) == mark)?;
    let (third, last) = words.digits(at + 4)?;
    let dates = match (count, last) {
        (4, 1..=2) => [date(first, second, third), None],
        (1..=2, 4) if mark == "." => [date(third, second, first), None],
        (1..=2, 2) if mark == "." => [date(2000 + third, second, first), None],
        (1..=2, 4) => [date(third, second, first), date(third, first, second)],
        (1..=2, 2) if mark != "-" => {
            [date(2000 + third, second, first), date(2000 + third, first, second)]
        }
        _ => return None,
    };
    let mut dates: Vec<Date> = dates.into_iter().flatten().collect();
    dates.dedup();
    (!dates.is_empty()).then_some((dates, at + 5))
}

fn date(year: u32, month: u32, day: u32) -> Option<Date> {
    Date::new(i32::try_from(year).ok()?, u8::try_from(month).ok()?, u8::try_from(day).ok()?)
}

/// "20260503", of this century or the last or the next.
fn compact(words: &Words, at: usize) -> Option<(Date, usize)> {
    let (digits, _) = words.digits(at).filter(|(_, count)| *count == 8 && words.ends(at + 1))?;
    let year = Some(digits / 10_000).filter(|year| (1900..2200).contains(year))?;
    Some((date(year, digits / 100 % 100, digits % 100)?, at + 1))
}

/// "2026年5月3日", "2026년 5월 3일"; what follows may stand without a space.
fn with_signs(words: &Words, at: usize) -> Option<(Date, usize)> {
    let (year, _) = words.digits(at).filter(|_| words.is(at + 1, &["年", "년"]))?;
    let (month, _) = words.digits(at + 2).filter(|_| words.is(at + 3, &["月", "월"]))?;
    let (day, _) = words.digits(at + 4)?;
    let is_day = words.text(at + 5).starts_with(['日', '일']);
    Some((date(year, month, day).filter(|_| is_day)?, at + 6))
}

/// "4/12" where a word before says that it is a date.
pub(super) fn slashed(words: &Words, at: usize) -> Option<(u8, u8, usize)> {
    let is_dated = words.is(
        at.wrapping_sub(1),
        &["on", "by", "until", "till", "from", "before", "since", "due", "to"],
    );
    let is_row = words.is(at + 1, &["/"]) && words.is_glued(at + 1) && words.is_glued(at + 2);
    let (first, _) = words
        .digits(at)
        .filter(|_| is_dated && is_row && words.begins(at) && words.ends(at + 3))?;
    let (second, _) = words.digits(at + 2)?;
    let is_date =
        (1..=31).contains(&first) && (1..=31).contains(&second) && first.min(second) <= 12;
    is_date.then_some((first as u8, second as u8, at + 3))
}

/// A year in four digits, or as "'27".
pub(super) fn year(words: &Words, at: usize) -> Option<(i32, usize)> {
    let next = words.past(at, &[",", "of", "in"]);
    match words.digits(next) {
        Some((year, 4)) if (1000..3000).contains(&year) => Some((year as i32, next + 1)),
        _ => {
            let (year, count) = words.digits(next + 1).filter(|_| words.is(next, &["'"]))?;
            (count == 2).then_some((2000 + year as i32, next + 2))
        }
    }
}
