//! Dates of what was said of days: by the clock, and by what else the question says.

use super::calendar::Date;
use super::day::{Day, Edge, Period, Which};
use super::moment::Moment;
use super::tense::{clause, tense};
use super::words::Words;

/// How far ahead a weekday of a date is looked for.
const MAX_MONTHS: i64 = 14;

/// What decides between readings.
pub(super) struct Context {
    pub(super) today: Option<Date>,
    /// Whether the question speaks of what has been.
    is_past: bool,
    /// Dates with a year that it names, in order.
    anchors: Vec<Date>,
    /// Years that stand anywhere.
    years: Vec<i32>,
    /// A month without a day, and the one of a day, that others go without.
    month: Option<u8>,
    /// "Next week" and "last month": how many from now.
    week: Option<i64>,
    months: Option<i64>,
    /// The day mentioned last.
    previous: Vec<Date>,
}

impl Context {
    pub(super) fn new(words: &Words, days: &[&Day], now: Option<Moment>) -> Self {
        let anchors = days.iter().filter_map(|day| match day {
            Day::Fixed(dates) => dates.first().copied(),
            Day::Civil { day, month: Some(month), year: Some(year), .. } => {
                Date::new(*year, *month, *day)
            }
            _ => None,
        });
        let period = |wanted: Period| {
            days.iter().find_map(|day| match day {
                Day::Period { unit, count, edge: Edge::Whole, .. } if *unit == wanted => {
                    Some(*count)
                }
                _ => None,
            })
        };
        Self {
            today: now.map(|now| now.date),
            is_past: false,
            anchors: anchors.collect(),
            years: (0..words.len())
                .filter_map(|at| words.digits(at))
                .filter(|(year, count)| *count == 4 && (1900..2200).contains(year))
                .map(|(year, _)| year as i32)
                .collect(),
            month: days.iter().find_map(|day| match day {
                Day::Civil { month, .. } => *month,
                Day::Month { month, .. } => Some(*month),
                _ => None,
            }),
            week: period(Period::Week),
            months: period(Period::Month),
            previous: Vec::new(),
        }
    }

    /// The dates that something said may mean, likeliest first; `at` is where it begins.
    pub(super) fn dates(&mut self, day: &Day, words: &Words, at: usize) -> Vec<Date> {
        // "Since Friday" was, "by Friday" will be.
        let announced = match words.back(at, 1) {
            "since" => 1,
            "by" | "until" | "till" | "til" | "before" => -1,
            _ => 0,
        };
        self.is_past = match announced * 9 + tense(words, clause(words, at)) {
            0 => tense(words, 0..words.len()) > 0,
            balance => balance > 0,
        };
        let mut dates = self.read(day).unwrap_or_default();
        let mut seen = Vec::new();
        dates.retain(|date| {
            !seen.contains(date) && {
                seen.push(*date);
                true
            }
        });
        if !dates.is_empty() {
            self.previous.clone_from(&dates);
        }
        dates
    }

    fn read(&self, day: &Day) -> Option<Vec<Date>> {
        Some(match day {
            Day::Fixed(dates) => dates.clone(),
            Day::Civil { weekday, day, month, year } => {
                let mut dates = self.civil(*day, *month, *year);
                if let Some(weekday) = weekday {
                    let is_other = |date: &Date| date.weekday() != *weekday;
                    dates.sort_by_key(is_other);
                    if let (None, Some(today), true) =
                        (month, self.today, dates.iter().all(is_other))
                    {
                        // "Friday the 13th" may be months away.
                        let first = |months| today.first().plus_months(months);
                        let all = (0..MAX_MONTHS).filter_map(first);
                        let mut all =
                            all.filter_map(|first| Date::new(first.year(), first.month(), *day));
                        dates.splice(0..0, all.find(|date| *date >= today && !is_other(date)));
                    }
                }
                dates
            }
            Day::Slashed(first, second) => {
                let mut dates = self.civil(*first, Some(*second), None);
                dates.extend(self.civil(*second, Some(*first), None));
                dates
            }
            Day::Month { month, year, edge } => {
                let first = |year| Date::new(year, *month, 1);
                let months =
                    match (year.or(self.anchors.first().map(|date| date.year())), self.today) {
                        (Some(year), _) => vec![first(year)?],
                        (None, today) => {
                            let today = today?;
                            self.ordered(
                                today.first(),
                                [-1, 0, 1]
                                    .into_iter()
                                    .filter_map(|more| first(today.year() + more))
                                    .collect(),
                            )
                        }
                    };
                let ends: Vec<Date> = months
                    .iter()
                    .take(1)
                    .flat_map(|first| ends(*first, first.last(), *edge))
                    .collect();
                ends.into_iter()
                    .chain(months.iter().skip(1).flat_map(|first| ends_of(*first, *edge)))
                    .collect()
            }
            Day::OfMonth { day, months } => {
                let first = self.today?.first().plus_months(*months)?;
                vec![Date::new(first.year(), first.month(), *day)?]
            }
            Day::Year { year, edge } => {
                ends(Date::new(*year, 1, 1)?, Date::new(*year, 12, 31)?, *edge)
            }
            Day::Quarter { year, quarter } => {
                let first = Date::new(year.or(self.today.map(Date::year))?, quarter * 3 - 2, 1)?;
                vec![first, first.plus_months(2)?.last()]
            }
            Day::LastNight => {
                let today = self.today?;
                vec![today.plus(-1)?, today]
            }
            Day::Away { months, days } => vec![self.today?.plus_months(*months)?.plus(*days)?],
            Day::Weekday { weekday, which, weeks } => self.weekday(*weekday, *which, *weeks)?,
            Day::Feast { feast, year: Some(year) } => feast.dates(*year),
            Day::Feast { feast, year: None } => {
                let Some(today) = self.today else {
                    return Some(self.years.iter().flat_map(|year| feast.dates(*year)).collect());
                };
                let years = [-1, 0, 1].map(|more| feast.dates(today.year() + more));
                let mut dates: Vec<Date> = Vec::new();
                let most = years.iter().map(Vec::len).max().unwrap_or(0);
                for index in 0..most {
                    let all = years.iter().filter_map(|dates| dates.get(index).copied()).collect();
                    dates.extend(self.ordered(today, all));
                }
                dates
            }
            Day::Period { unit, count, edge, is_this } => {
                self.period(*unit, *count, *edge, *is_this)?
            }
            Day::Stretch { months, days } => {
                let today = self.today?;
                let end = today.plus_months(*months)?.plus(*days)?;
                let step = if end < today { 1 } else { -1 };
                let (inner, outer) = (end.plus(step)?, today.plus(-step)?);
                if end < today {
                    vec![end, today, inner, outer]
                } else {
                    vec![end, today, outer, inner]
                }
            }
            Day::Step { months, days } => {
                let bases = if self.previous.is_empty() {
                    vec![self.today?]
                } else {
                    self.previous.clone()
                };
                bases
                    .into_iter()
                    .filter_map(|base| base.plus_months(*months)?.plus(*days))
                    .collect()
            }
        })
    }

    /// Those of `dates`, which are in order, that are nearest to `today`: the next and the one before, or the other way round.
    fn ordered(&self, today: Date, dates: Vec<Date>) -> Vec<Date> {
        let next = dates.iter().copied().find(|date| *date >= today);
        let before = dates.iter().rev().copied().find(|date| *date < today);
        let is_now = next == Some(today);
        let both = if self.is_past && !is_now { [before, next] } else { [next, before] };
        both.into_iter().flatten().collect()
    }

    fn civil(&self, day: u8, month: Option<u8>, year: Option<i32>) -> Vec<Date> {
        let mut dates = Vec::new();
        let said = self.previous.first().filter(|date| self.anchors.contains(date));
        let anchor = said.or(self.anchors.first()).copied();
        match (month, year) {
            (Some(month), Some(year)) => return Date::new(year, month, day).into_iter().collect(),
            (Some(month), None) => {
                dates.extend(
                    self.anchors.iter().filter_map(|anchor| Date::new(anchor.year(), month, day)),
                );
                if let Some(today) = self.today {
                    let years = [-1, 0, 1]
                        .into_iter()
                        .filter_map(|more| Date::new(today.year() + more, month, day));
                    dates.extend(self.ordered(today, years.collect()));
                }
                dates.extend(self.years.iter().filter_map(|year| Date::new(*year, month, day)));
            }
            (None, _) => {
                if let Some(anchor) = anchor {
                    dates.extend(Date::new(anchor.year(), anchor.month(), day));
                } else if let Some(month) = self.month {
                    dates.extend(self.civil(day, Some(month), year));
                }
                if let Some(today) = self.today {
                    let at = |months: i64| {
                        let first = today.first().plus_months(months)?;
                        Date::new(first.year(), first.month(), day)
                    };
                    dates.extend(self.months.and_then(at));
                    dates.extend(
                        self.ordered(today, [-2, -1, 0, 1, 2].into_iter().filter_map(at).collect()),
                    );
                }
            }
        }
        dates
    }

    fn weekday(&self, weekday: u8, which: Which, weeks: i64) -> Option<Vec<Date>> {
        let today = self.today?;
        let ahead = (i64::from(weekday) - i64::from(today.weekday())).rem_euclid(7);
        let back = if ahead == 0 { -7 } else { ahead - 7 };
        let near = if self.is_past && ahead != 0 { [back, ahead] } else { [ahead, back] };
        let week = self.week.map(|week| week * 7 + i64::from(weekday) - i64::from(today.weekday()));
        let days = match which {
            _ if weeks != 0 => vec![ahead + weeks * 7],
            // Tomorrow isn't "next".
            Which::Next if ahead < 2 => vec![ahead + 7, ahead],
            Which::Next => vec![ahead, ahead + 7],
            Which::Last => vec![back, back - 7],
            Which::This if self.is_past => near.to_vec(),
            Which::This => vec![ahead],
            Which::Bare if ahead == 0 => week.into_iter().chain([0, 7, -7]).collect(),
            Which::Bare => week.into_iter().chain(near).collect(),
        };
        Some(days.into_iter().filter_map(|days| today.plus(days)).collect())
    }

    fn period(&self, unit: Period, count: i64, edge: Edge, is_this: bool) -> Option<Vec<Date>> {
        let today = self.today?;
        let monday = today.monday()?;
        let (first, last) = match unit {
            Period::Week => (monday.plus(7 * count)?, monday.plus(7 * count + 6)?),
            Period::Weekend => {
                let is_weekend = today.weekday() > 4;
                // "The weekend" that has been.
                let weeks = match count {
                    0 if self.is_past && !is_weekend && !is_this => -1,
                    count => count,
                };
                let saturday = monday.plus(7 * weeks + 5)?;
                (saturday, saturday.plus(1)?)
            }
            Period::Month => {
                let first = today.first().plus_months(count)?;
                (first, first.last())
            }
            Period::Quarter => {
                let month = i64::from(today.month() - 1) % 3;
                let first = today.first().plus_months(3 * count - month)?;
                (first, first.plus_months(2)?.last())
            }
            Period::Year => {
                let year = today.year().checked_add(i32::try_from(count).ok()?)?;
                (Date::new(year, 1, 1)?, Date::new(year, 12, 31)?)
            }
        };
        let mut dates = ends(first, last, edge);
        match (unit, edge, count) {
            (Period::Week, Edge::End, _) => dates.extend(last.plus(-2)),
            (Period::Weekend, Edge::Whole, 1) => dates.extend([first.plus(-7)?, last.plus(-7)?]),
            (unit, Edge::Whole, 0) if unit != Period::Weekend => dates.push(today),
            _ => {}
        }
        Some(dates)
    }
}

fn ends(first: Date, last: Date, edge: Edge) -> Vec<Date> {
    match edge {
        Edge::Whole => vec![first, last],
        Edge::Start => vec![first],
        Edge::End => vec![last],
        Edge::Middle if last.day() > 27 && first.month() == last.month() => {
            first.plus(14).into_iter().collect()
        }
        Edge::Middle => first.plus((last.number() - first.number()) / 2).into_iter().collect(),
    }
}

fn ends_of(first: Date, edge: Edge) -> Vec<Date> {
    ends(first, first.last(), edge)
}
