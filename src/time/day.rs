//! Days as people speak of them.

use super::calendar::Date;
use super::names::Feast;

/// Days as they were said; a clock and the rest of the question make dates of them.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Day {
    /// Written with a year, in as many ways as it can be read.
    Fixed(Vec<Date>),
    /// Written without some of its parts.
    Civil {
        weekday: Option<u8>,
        day: u8,
        month: Option<u8>,
        year: Option<i32>,
    },
    /// "4/12": either may be the month.
    Slashed(u8, u8),
    Month {
        month: u8,
        year: Option<i32>,
        edge: Edge,
    },
    /// The "15th of next month".
    OfMonth {
        day: u8,
        months: i64,
    },
    /// So much after now.
    Away {
        months: i64,
        days: i64,
    },
    Weekday {
        weekday: u8,
        which: Which,
        weeks: i64,
    },
    Feast {
        feast: Feast,
        year: Option<i32>,
    },
    /// `is_this` where it is told from others of its kind by "this".
    Period {
        unit: Period,
        count: i64,
        edge: Edge,
        is_this: bool,
    },
    Year {
        year: i32,
        edge: Edge,
    },
    Quarter {
        year: Option<i32>,
        quarter: u8,
    },
    /// The night that ended today.
    LastNight,
    /// The last so many days, or the next.
    Stretch {
        months: i64,
        days: i64,
    },
    /// So many days after the day mentioned before.
    Step {
        months: i64,
        days: i64,
    },
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Which {
    Bare,
    Next,
    This,
    Last,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Period {
    Week,
    Weekend,
    Month,
    Quarter,
    Year,
}

/// Which part of a period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Edge {
    Whole,
    Start,
    Middle,
    End,
}
