//! Days of the Gregorian calendar.

use std::fmt::{self, Display};

/// A day. Years are those of four digits.
///
/// ```
/// use toolgen::time::Date;
/// let leap = Date::new(2024, 2, 29).unwrap();
/// assert_eq!(leap.plus(1).unwrap().to_string(), "2024-03-01");
/// assert_eq!(leap.plus_months(12).unwrap().to_string(), "2025-02-28");
/// assert_eq!(leap.weekday(), 3); // Thursday
/// assert!(Date::new(2025, 2, 29).is_none());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: i32,
    month: u8,
    day: u8,
}

impl Date {
    /// A day that exists.
    pub fn new(year: i32, month: u8, day: u8) -> Option<Self> {
        let exists = (1000..=9999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=days_in(year, month)).contains(&day);
        exists.then_some(Self { year, month, day })
    }

    /// The year.
    pub fn year(self) -> i32 {
        self.year
    }

    /// The month, from 1.
    pub fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, from 1.
    pub fn day(self) -> u8 {
        self.day
    }

    /// The day of the week: 0 is Monday.
    pub fn weekday(self) -> u8 {
        (self.number() + 3).rem_euclid(7) as u8
    }

    /// So many days later, or earlier.
    pub fn plus(self, days: i64) -> Option<Self> {
        Self::of_number(self.number().checked_add(days)?)
    }

    /// So many months later, or earlier; the last of a month where that has no such day.
    pub fn plus_months(self, months: i64) -> Option<Self> {
        let count = i64::from(self.year) * 12 + i64::from(self.month) - 1;
        let count = count.checked_add(months)?;
        let year = i32::try_from(count.div_euclid(12)).ok()?;
        let month = count.rem_euclid(12) as u8 + 1;
        Self::new(year, month, self.day.min(days_in(year, month)))
    }

    /// The first day of the month.
    pub fn first(self) -> Self {
        Self { day: 1, ..self }
    }

    /// The last day of the month.
    pub fn last(self) -> Self {
        Self { day: days_in(self.year, self.month), ..self }
    }

    /// The Monday of the week.
    pub fn monday(self) -> Option<Self> {
        self.plus(-i64::from(self.weekday()))
    }

    /// Days since 1970-01-01. Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`.
    pub(super) fn number(self) -> i64 {
        let (month, day) = (i64::from(self.month), i64::from(self.day));
        let year = i64::from(self.year) - i64::from(month <= 2);
        let era = year.div_euclid(400);
        let of_era = year.rem_euclid(400);
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
    }

    /// The same paper's `civil_from_days`.
    fn of_number(number: i64) -> Option<Self> {
        let shifted = number.checked_add(719_468)?;
        let (era, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let of_era = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
        let of_year = day - (365 * of_era + of_era / 4 - of_era / 100);
        let shifted_month = (5 * of_year + 2) / 153;
        let month = (shifted_month + 2) % 12 + 1;
        let year = of_era + era.checked_mul(400)? + i64::from(month <= 2);
        let day = of_year - (153 * shifted_month + 2) / 5 + 1;
        Self::new(i32::try_from(year).ok()?, month as u8, day as u8)
    }
}

impl Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

fn days_in(year: i32, month: u8) -> u8 {
    let is_leap = year % 4 == 0 && year % 100 != 0 || year % 400 == 0;
    match month {
        2 => 28 + u8::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_there_and_back() {
        assert_eq!(Date::new(1970, 1, 1).unwrap().number(), 0);
        for number in (-350_000..2_900_000).step_by(37) {
            assert_eq!(Date::of_number(number).map(Date::number), Some(number));
        }
        assert_eq!(Date::new(2026, 11, 29).unwrap().weekday(), 6);
    }

    #[test]
    fn years_have_four_digits() {
        let last = Date::new(9999, 12, 31).unwrap();
        assert_eq!(last.plus(1), None);
        assert_eq!(last.plus(i64::MAX), None);
        assert_eq!(last.plus_months(i64::MAX), None);
    }
}
