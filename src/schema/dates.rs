//! The calendar dates that a question may mean.

/// Most dates that are worth listing: a question that names more parts than this is about something else.
const MAX_DATES: usize = 64;
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

/// Dates as `YYYY-MM-DD`: those written in numbers, and every day with every month's name and every year that
/// `text` has, since "3 to 9 March 2021" names two. None where a day, a month or a year is missing.
///
/// ```
/// use toolgen::schema::dates;
/// assert_eq!(dates("rates on 2021-03-09?"), ["2021-03-09"]);
/// assert_eq!(dates("Sept 30th, 2014"), ["2014-09-30"]);
/// assert_eq!(dates("3 to 9 March 2021"), ["2021-03-03", "2021-03-09"]);
/// assert_eq!(dates("4/12/2020"), ["2020-12-04", "2020-04-12"]);
/// assert!(dates("next Friday, or in March").is_empty());
/// ```
pub fn dates(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut add = |year: u32, month: u32, day: u32| {
        let date = format!("{year:04}-{month:02}-{day:02}");
        if (1000..3000).contains(&year) && is_day(year, month, day) && !found.contains(&date) {
            found.push(date);
        }
    };
    let (mut days, mut months, mut years) = (Vec::new(), Vec::new(), Vec::new());
    for word in text.split(|c: char| !c.is_alphanumeric() && !"/-.".contains(c)) {
        let numbers: Vec<u32> =
            word.split(['/', '-', '.']).filter_map(|part| part.parse().ok()).collect();
        match numbers[..] {
            [year, month, day] if year > 999 => add(year, month, day),
            [first, second, year] if year > 999 => {
                add(year, second, first);
                add(year, first, second);
            }
            _ => {}
        }
        for part in word.split(|c: char| !c.is_alphanumeric()) {
            let ordinal = ["st", "nd", "rd", "th"].iter().find_map(|end| part.strip_suffix(end));
            match ordinal.unwrap_or(part).parse::<u32>() {
                Ok(day @ 1..=31) => days.push(day),
                Ok(year @ 1000..3000) => years.push(year),
                _ => months.extend(month(part)),
            }
        }
    }
    if days.len() * months.len() * years.len() <= MAX_DATES {
        for &year in &years {
            for &month in &months {
                days.iter().for_each(|&day| add(year, month, day));
            }
        }
    }
    found
}

/// The month that a word names, in full or by at least its first three letters.
fn month(word: &str) -> Option<u32> {
    let word = word.to_lowercase();
    let names = |name: &&str| word.len() >= 3 && name.starts_with(&word);
    (1..).zip(MONTHS).find(|(_, name)| names(name)).map(|(month, _)| month)
}

fn is_day(year: u32, month: u32, day: u32) -> bool {
    let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let last = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=last).contains(&day)
}
