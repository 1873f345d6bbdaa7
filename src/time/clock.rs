//! A time of day as it was said, and the times that it may be.

use super::words::Words;

/// A time as it was said.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Clock {
    pub(super) hour: u8,
    pub(super) minute: u8,
    /// Whether it may be twelve hours later, or earlier.
    pub(super) is_open: bool,
    /// Whether minutes were written in digits, "8:30": mostly meant as written.
    pub(super) is_digital: bool,
}

/// Which part of the day words near a time speak of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Part {
    /// "12 am" is midnight, 12 on a morning is noon.
    Am,
    Morning,
    Afternoon,
    Evening,
    Night,
}

/// How far away, in words, a part of the day is looked for.
const MAX_DISTANCE: usize = 8;

impl Part {
    pub(super) fn of(word: &str) -> Option<Self> {
        Some(match word {
            "morning" | "mornings" | "breakfast" | "dawn" | "sunrise" | "mornign" | "wake"
            | "woke" | "waking" | "alarm" | "awake" | "rouse" => Self::Morning,
            "afternoon" | "afternoons" | "tea" => Self::Afternoon,
            "evening" | "evenings" | "dinner" | "supper" | "eve" => Self::Evening,
            "night" | "nights" | "tonight" | "nightly" | "midnight" | "bedtime" | "bed"
            | "tonite" => Self::Night,
            _ => return None,
        })
    }

    /// The hour, 1 to 12, of this part as one of 24.
    fn hour(self, hour: u8) -> u8 {
        let is_late = match self {
            Self::Am | Self::Morning => false,
            Self::Afternoon => hour != 12,
            Self::Evening => true,
            Self::Night => (6..12).contains(&hour),
        };
        match (is_late, hour) {
            (true, 12) => 0,
            (true, _) => hour + 12,
            (false, 12) if matches!(self, Self::Am | Self::Night) => 0,
            (false, _) => hour,
        }
    }
}

impl Clock {
    pub(super) fn fixed(hour: u8, minute: u8) -> Self {
        Self { hour, minute, is_open: false, is_digital: true }
    }

    pub(super) fn in_part(self, part: Part) -> Self {
        Self {
            hour: if self.is_open { part.hour(self.hour) } else { self.hour },
            is_open: false,
            ..self
        }
    }

    pub(super) fn later(self, minutes: i32) -> Self {
        let total = (i32::from(self.hour) * 60 + i32::from(self.minute) + minutes).rem_euclid(1440);
        let (hour, minute) = ((total / 60) as u8, (total % 60) as u8);
        let hour = if self.is_open { (hour + 11) % 12 + 1 } else { hour };
        Self { hour, minute, ..self }
    }

    /// The times it may be, likeliest first.
    pub(super) fn readings(self, near: Option<Part>) -> Vec<(u8, u8)> {
        if !self.is_open {
            return vec![(self.hour, self.minute)];
        }
        let early = self.hour % 12;
        let first = match near {
            Some(part) => part.hour(self.hour),
            None if self.hour == 12 => 12,
            None if self.hour < 6 && !self.is_digital || self.hour < 4 => early + 12,
            None if self.hour == 6 && !self.is_digital => early + 12,
            None => early,
        };
        vec![(first, self.minute), ((first + 12) % 24, self.minute)]
    }
}

/// The part of the day that the question speaks of nearest to the words `from..to`.
pub(super) fn near(words: &Words, from: usize, to: usize) -> Option<Part> {
    // "Good morning" says nothing of this time.
    let at = |index: usize| Part::of(words.text(index)).filter(|_| words.back(index, 1) != "good");
    let is_up = words.back(from, 2) == "up"
        && !(1..7).any(|back| {
            words.back(from, back).starts_with("pick") || words.back(from, back) == "open"
        });
    if is_up && words.is(from - 1, &["at", "by", "until", "till"]) {
        return Some(Part::Morning);
    }
    (0..MAX_DISTANCE).find_map(|distance| {
        at(to + distance).or_else(|| from.checked_sub(distance + 1).and_then(at))
    })
}

/// Sorts the readings of a span's end: the one first that comes first after its beginning.
pub(super) fn end_soon(begin: (u8, u8), end: &mut [(u8, u8)]) {
    let minutes = |(hour, minute): (u8, u8)| i32::from(hour) * 60 + i32::from(minute);
    // A whole day comes last.
    end.sort_by_key(|time| (minutes(*time) - minutes(begin) - 1).rem_euclid(1440));
}
