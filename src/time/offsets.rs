//! The offsets of a time zone from UTC.

use std::fmt::{self, Display};
use std::str::FromStr;

use serde::{Deserialize, Deserializer};

use super::moment::Moment;

/// A time zone as far as it is known: from which local moment on which offset holds. The first and the last entry
/// bound what is known; before and after them the years are taken to be alike. Without entries no offset is known.
///
/// ```
/// use toolgen::time::Offsets;
/// let at = |zone: &Offsets, moment: &str| zone.at(moment.parse().unwrap()).map(|o| o.to_string());
/// let berlin: Offsets = serde_json::from_str(
///     r#"[["2026-01-01T00:00", "+01:00"], ["2026-03-29T03:00", "+02:00"],
///         ["2026-10-25T03:00", "+01:00"], ["2027-01-01T00:00", "+01:00"]]"#,
/// )?;
/// assert_eq!(at(&berlin, "2026-07-01T12:00").as_deref(), Some("+02:00"));
/// assert_eq!(at(&berlin, "2026-12-01T12:00").as_deref(), Some("+01:00"));
/// assert_eq!(at(&berlin, "2030-07-01T12:00").as_deref(), Some("+02:00"));
/// assert_eq!(at(&Offsets::of_text("2026-05-14T09:30-03:30")?, "2030-07-01T12:00").as_deref(), Some("-03:30"));
/// assert_eq!(at(&Offsets::default(), "2030-07-01T12:00"), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(try_from = "Vec<(Moment, Offset)>")]
pub struct Offsets(Vec<(Moment, Offset)>);

impl Offsets {
    /// The offset that a time such as `2026-05-14T09:30+02:00` ends in, for all moments; none where there is none.
    pub fn of_text(text: &str) -> Result<Self, NoOffset> {
        let moment: Moment = text.parse().map_err(|_| NoOffset(text.to_owned()))?;
        let rest = text.get(Moment::LENGTH..).unwrap_or_default();
        match rest.find(['Z', '+', '-']) {
            Some(at) => Ok(Self(vec![(moment, rest[at..].parse()?)])),
            None => Ok(Self::default()),
        }
    }

    /// The offset of a local moment.
    pub fn at(&self, moment: Moment) -> Option<Offset> {
        let (first, last) = (self.0.first()?.0, self.0.last()?.0);
        // The same day of a year that is known.
        let mut date = moment.date;
        let is_late = |date| Moment { date, ..moment } > last;
        let is_early = |date| Moment { date, ..moment } < first;
        while first < last && is_late(date) {
            date = date.plus_months(-12)?;
        }
        while first < last && is_early(date) {
            date = date.plus_months(12)?;
        }
        let known = Moment { date, ..moment };
        let after = self.0.partition_point(|(from, _)| *from <= known);
        self.0.get(after.saturating_sub(1)).map(|(_, offset)| *offset)
    }
}

impl TryFrom<Vec<(Moment, Offset)>> for Offsets {
    type Error = &'static str;

    fn try_from(entries: Vec<(Moment, Offset)>) -> Result<Self, &'static str> {
        let rises = entries.windows(2).all(|pair| pair[0].0 < pair[1].0);
        rises.then_some(Self(entries)).ok_or("the moments of offsets must rise")
    }
}

/// How far local time is ahead of UTC, in minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offset(i16);

/// What can't be read as an [`Offset`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoOffset(String);

impl Display for NoOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} has no offset like +02:00 or Z", self.0)
    }
}

impl std::error::Error for NoOffset {}

impl FromStr for Offset {
    type Err = NoOffset;

    /// Reads `+HH:MM`, `-HH:MM` and `Z`.
    fn from_str(text: &str) -> Result<Self, NoOffset> {
        let read = || {
            if text == "Z" {
                return Some(0);
            }
            let (hours, minutes) = text.get(1..)?.split_once(':')?;
            let number = |digits: &str, below: i16| -> Option<i16> {
                let is_number = digits.len() == 2 && digits.bytes().all(|c| c.is_ascii_digit());
                is_number.then(|| digits.parse().ok())?.filter(|number| *number < below)
            };
            let minutes = number(hours, 24)? * 60 + number(minutes, 60)?;
            match text.as_bytes().first()? {
                b'+' => Some(minutes),
                b'-' => Some(-minutes),
                _ => None,
            }
        };
        read().map(Self).ok_or_else(|| NoOffset(text.to_owned()))
    }
}

/// As RFC 3339 writes it.
impl Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { '-' } else { '+' };
        write!(f, "{sign}{:02}:{:02}", self.0.abs() / 60, self.0.abs() % 60)
    }
}

impl<'de> Deserialize<'de> for Offset {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(zone: &Offsets, moment: &str) -> String {
        zone.at(moment.parse().unwrap()).unwrap().to_string()
    }

    #[test]
    fn an_offset_that_is_none_is_refused() {
        for text in ["", "+", "02:00", "+2:00", "+02:60", "+24:00", "+02", "é2:00", "+é2:00", "z"]
        {
            assert!(text.parse::<Offset>().is_err(), "{text}");
        }
        for text in ["+00:00", "-03:30", "+14:00"] {
            assert_eq!(text.parse::<Offset>().unwrap().to_string(), text);
        }
        assert_eq!("Z".parse::<Offset>().unwrap().to_string(), "+00:00");
    }

    #[test]
    fn a_time_may_have_an_offset() {
        assert_eq!(
            at(&Offsets::of_text("2026-05-14T09:30:01.5Z").unwrap(), "2026-05-14T09:30"),
            "+00:00"
        );
        assert_eq!(Offsets::of_text("2026-05-14T09:30"), Ok(Offsets::default()));
        for text in ["2026-05-14T09:30+2", "2026-05-14T09:30+02:00 or so", "today"] {
            assert!(Offsets::of_text(text).is_err(), "{text}");
        }
    }

    /// A year that is known stands for those around it; a change that came to stay stays.
    #[test]
    fn years_that_are_not_known_are_like_those_that_are() {
        let read = |entries: &[(&str, &str)]| {
            let read =
                |(from, offset): &(&str, &str)| (from.parse().unwrap(), offset.parse().unwrap());
            Offsets::try_from(entries.iter().map(read).collect::<Vec<_>>())
        };
        let sydney = read(&[
            ("2025-01-01T00:00", "+11:00"),
            ("2025-04-06T03:00", "+10:00"),
            ("2025-10-05T03:00", "+11:00"),
            ("2026-01-01T00:00", "+11:00"),
        ]);
        let sydney = sydney.unwrap();
        assert_eq!(at(&sydney, "1990-07-01T12:00"), "+10:00");
        assert_eq!(at(&sydney, "1990-12-24T18:00"), "+11:00");
        assert_eq!(at(&sydney, "9999-12-31T23:59"), "+11:00");
        assert_eq!(at(&sydney, "1000-02-28T00:00"), "+11:00");
        assert_eq!(at(&sydney, "2028-02-29T00:00"), "+11:00");
        let moved = read(&[
            ("2024-01-01T00:00", "+05:00"),
            ("2024-03-01T00:00", "+06:00"),
            ("2026-01-01T00:00", "+06:00"),
        ]);
        assert_eq!(at(&moved.unwrap(), "2031-02-01T00:00"), "+06:00");
        assert!(read(&[("2026-01-01T00:00", "+01:00"), ("2026-01-01T00:00", "+02:00")]).is_err());
    }

    /// Short spans, of which no year is whole: nothing loops, nothing is invented.
    #[test]
    fn every_moment_has_an_offset() {
        let zone: Offsets = serde_json::from_str(
            r#"[["2026-05-14T00:00", "+01:00"], ["2026-05-15T00:00", "+02:00"]]"#,
        )
        .unwrap();
        for moment in [
            "2026-05-13T00:00",
            "2027-05-14T12:00",
            "2020-01-01T00:00",
            "1000-01-01T00:00",
            "9999-12-31T00:00",
        ] {
            assert!(zone.at(moment.parse().unwrap()).is_some(), "{moment}");
        }
    }
}
