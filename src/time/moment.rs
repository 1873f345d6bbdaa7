//! A date with a time of day.

use std::fmt::{self, Display};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::calendar::Date;

/// A local date and time, as the page's clock shows it.
///
/// ```
/// use toolgen::time::Moment;
/// let moment: Moment = "2026-05-14T09:30".parse()?;
/// assert_eq!(moment.to_string(), "2026-05-14T09:30:00");
/// assert_eq!("2026-05-14T09:30:59.2+02:00".parse(), Ok(moment));
/// assert_eq!("tomorrow".parse::<Moment>().unwrap_err().to_string(), "\"tomorrow\" is no time like 2026-05-14T09:30");
/// # Ok::<(), toolgen::time::NoMoment>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// The day.
    pub date: Date,
    /// From 0 to 23.
    pub hour: u8,
    /// From 0 to 59.
    pub minute: u8,
}

/// What can't be read as a [`Moment`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoMoment(String);

impl Display for NoMoment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no time like 2026-05-14T09:30", self.0)
    }
}

impl std::error::Error for NoMoment {}

impl Moment {
    /// Bytes of `YYYY-MM-DDTHH:MM`.
    pub(super) const LENGTH: usize = 16;

    /// So many minutes later, or earlier.
    pub fn plus_minutes(self, minutes: i64) -> Option<Self> {
        let total = (i64::from(self.hour) * 60 + i64::from(self.minute)).checked_add(minutes)?;
        let date = self.date.plus(total.div_euclid(1440))?;
        let of_day = total.rem_euclid(1440);
        Some(Self { date, hour: (of_day / 60) as u8, minute: (of_day % 60) as u8 })
    }
}

impl FromStr for Moment {
    type Err = NoMoment;

    /// Reads `YYYY-MM-DDTHH:MM`; seconds and an offset from UTC may follow and are left out.
    fn from_str(text: &str) -> Result<Self, NoMoment> {
        let read = || {
            let part = |from: usize, to: usize, before: Option<char>| {
                let digits = text.get(from..to)?;
                let is_apart = before.is_none_or(|mark| text[..from].ends_with(mark));
                let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
                (is_apart && is_number).then(|| digits.parse::<u16>().ok())?
            };
            let date = Date::new(
                i32::from(part(0, 4, None)?),
                u8::try_from(part(5, 7, Some('-'))?).ok()?,
                u8::try_from(part(8, 10, Some('-'))?).ok()?,
            )?;
            let hour = part(11, 13, Some('T')).or_else(|| part(11, 13, Some(' ')))?;
            let minute = part(14, 16, Some(':'))?;
            let rest = &text[Self::LENGTH..];
            let is_rest = rest.starts_with([':', 'Z', '+', '-', '.']) || rest.is_empty();
            (hour < 24 && minute < 60 && is_rest).then_some(Self {
                date,
                hour: hour as u8,
                minute: minute as u8,
            })
        };
        read().ok_or_else(|| NoMoment(text.to_owned()))
    }
}

impl Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}T{:02}:{:02}:00", self.date, self.hour, self.minute)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_that_is_none_is_refused() {
        for text in [
            "",
            "2026-05-14",
            "2026-13-14T09:30",
            "2026-05-14T24:00",
            "2026-05-14T09:3é",
            "é026-05-14T09:30",
            "2026-05-14T09:30é",
            "2026-05-1é09:30",
        ] {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
        assert!("2026-05-14T09:30:00Z".parse::<Moment>().is_ok());
    }

    #[test]
    fn minutes_pass_midnight() {
        let moment: Moment = "2026-12-31T23:30".parse().unwrap();
        assert_eq!(moment.plus_minutes(45).unwrap().to_string(), "2027-01-01T00:15:00");
        assert_eq!(moment.plus_minutes(-24 * 60).unwrap().to_string(), "2026-12-30T23:30:00");
        assert_eq!(moment.plus_minutes(i64::MAX), None);
    }
}
